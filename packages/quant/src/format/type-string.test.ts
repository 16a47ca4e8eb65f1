import { describe, expect, it } from 'vitest';
import { parseType, printType, TypeStringError } from './type-string.ts';

describe('parseType', () => {
  it.each([
    ['ap_fixed<8,2,RND,SAT>', { format: { k: 1, i: 1, f: 6 }, round: 'RND', overflow: 'SAT' }],
    ['ufixed< 4, 6 >', { format: { k: 0, i: 6, f: -2 }, round: 'TRN', overflow: 'WRAP' }],
    [
      'ap_ufixed<4,-1,AP_TRN_ZERO,AP_SAT_SYM>',
      { format: { k: 0, i: -1, f: 5 }, round: 'TRN_ZERO', overflow: 'SAT_SYM' },
    ],
    ['ap_int<5>', { format: { k: 1, i: 4, f: 0 } }],
    ['uint<5>', { format: { k: 0, i: 5, f: 0 } }],
    ['fixed<4,3,trn,wrap,2>', { saturationBits: 2 }],
    ['auto', { kind: 'auto' }],
  ])('reads %s', (text, expected) => {
    expect(parseType(text)).toMatchObject(expected);
  });

  it.each([
    ['double', /write ap_/],
    ['ap_fixed<8>', /2 to 5/],
    ['ap_fixed<8,2,NEAREST>', /unknown rounding mode "NEAREST".*RND_CONV/],
    ['ap_fixed<8,2,RND,SYM>', /SAT_SYM/],
    ['ap_fixed<8,x>', /integer bits I is "x"/],
    ['ap_fixed<-1,2>', /width W is -1/],
    ['ap_int<3,1>', /one parameter/],
    ['ap_fixed<8,2,RND,SAT,1>', /WRAP only/],
    ['ap_fixed<8,2,RND,WRAP,9>', /0 to the width 8/],
  ])('refuses %s', (text, message) => {
    expect(() => parseType(text)).toThrow(TypeStringError);
    expect(() => parseType(text)).toThrow(message);
  });
});

describe('printType', () => {
  it('writes the shortest string', () => {
    expect(printType({ k: 1, i: 1, f: 6 })).toBe('ap_fixed<8,2>');
    expect(printType({ k: 0, i: 1, f: 7 }, 'TRN', 'SAT')).toBe('ap_ufixed<8,1,TRN,SAT>');
    expect(() => printType({ k: 0, i: -3, f: 1 })).toThrow(/constant 0/);
  });
});
