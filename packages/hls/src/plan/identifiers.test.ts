import { describe, expect, it } from 'vitest';
import { identifier, identifiers } from './identifiers.ts';

const values = (...names: string[]) => identifiers('top', names).values;
const top = (name: string) => identifiers(name, []).top;

describe('identifier', () => {
  it('makes C++ names of anything', () => {
    expect(['conv1', 'q_conv2d/kernel:0', '2nd', 'input', '__x__', '日本', 'while'].map(identifier)).toEqual([
      'conv1',
      'q_conv2d_kernel_0',
      'n2nd',
      'input_value',
      'x',
      'node',
      'while_value',
    ]);
  });

  it('avoids alternative tokens, macros and the names of numbered copies', () => {
    expect(['not_eq', 'static_cast', 'EOF', 'SP_HLS', 'errno', 'timezone', 'x_copy1'].map(identifier)).toEqual([
      'not_eq_value',
      'static_cast_value',
      'EOF_value',
      'SP_HLS_value',
      'errno_value',
      'timezone_value',
      'x_copy1_value',
    ]);
    expect(['X', 'Conv', 'images', 'size', 'A1'].map(identifier)).toEqual(['X', 'Conv', 'images', 'size', 'A1']);
  });
});

describe('identifiers', () => {
  it('keeps them and what is derived from them apart', () => {
    expect(values('a', 'a', 'a_t', 'a t', 'top')).toEqual(['a', 'a_2', 'a_t_2', 'a_t_3', 'top_2']);
    expect(values('r_golden', 'r')).toEqual(['r_golden', 'r_2']);
    expect(values('x', 'x_file', 'x_stream', 'x_port_golden')).toEqual([
      'x',
      'x_file_2',
      'x_stream_2',
      'x_port_golden_2',
    ]);
    expect(identifiers('x_stream', ['x']).values).toEqual(['x_2']);
  });

  it('does not tell them apart by case alone: files and include guards do not', () => {
    expect(values('a', 'A', 'Top', 'While')).toEqual(['a', 'A_2', 'Top_2', 'While_value']);
  });

  it('derives no keyword', () => {
    expect(values('wchar', 'char16', 'char')).toEqual(['wchar_2', 'char16_2', 'char_value']);
  });

  it('shortens long names, still distinct', () => {
    const long = values(`${'deep/'.repeat(60)}a`, `${'deep/'.repeat(60)}b`, `${'deep/'.repeat(61)}b`);
    expect(long.every((id) => id.length < 100 && /^deep_.*_deep_[ab](_2)?$/.test(id))).toBe(true);
    expect(new Set(long).size).toBe(3);
    expect(top('n'.repeat(300))).toHaveLength(96);
  });

  it('gives the top function no name of a header or of something global', () => {
    expect(['defines', 'Parameters', 'string', 'math', 'int8_t', 'net', 'time of flight'].map(top)).toEqual([
      'defines_top',
      'Parameters_top',
      'string_top',
      'math_top',
      'int8_t_top',
      'net',
      'time_of_flight',
    ]);
  });
});
