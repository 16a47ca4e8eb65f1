import type { AttentionFuse, QMultiHeadAttentionArgs } from '../../layers/attention-args.ts';
import { qLinformerAttention } from '../../layers/q-linformer-attention.ts';
import { qMultiHeadAttention } from '../../layers/q-multi-head-attention.ts';
import { isTensor, type KerasCall, type KerasTensor } from '../keras-calls.ts';
import type { Options } from '../options.ts';
import { quantizerAt } from '../quantizer-options.ts';
import type { KerasLayer } from '../read-keras.ts';
import { type Converter, commonArgs, ownVariables, penalties, type Stored } from '../recipe.ts';

/** Attention of HGQ2 (hgq2 §5.3): one group for each of the layers that it is made of. */
export const attentionConverters: Readonly<Record<string, Converter>> = {
  QMultiHeadAttention(options, _inputs, _shapes, file) {
    const args = attentionArgs(options);
    const fuse = options.string('fuse', 'none') as AttentionFuse;
    const useCausalMask = callSetting(options, file, 'use_causal_mask');
    const layer = qMultiHeadAttention({ ...args, fuse, useCausalMask });
    const projections = ['query', 'key', 'value'].flatMap((role) => {
      const group = `${role}_dense`;
      const iq = fuse === 'none' || role === 'value' || (fuse === 'kv' && role === 'query');
      return part(args, group, role, { bias: role !== 'key', iq: false, oq: true }).concat(
        args.enableIq && iq ? [iqOf(file, group, role, fuse)] : [],
      );
    });
    return { layer, stored: [...projections, ...commonParts(args, file)], tensors: (call) => tensorsOf(options, call) };
  },

  QLinformerAttention(options, _inputs, _shapes, file) {
    const args = attentionArgs(options);
    options.expect('fuse', 'none');
    options.expect('lin_kv_proj_mode', 'dense');
    if (callSetting(options, file, 'use_causal_mask')) options.fail('use_causal_mask', 'false, as in the reference');
    const linear = groupOf(file, 'lin_k_proj');
    const [linEnableIq, linEnableOq] = ['iq', 'oq'].map((role) =>
      file.arrays.has(`${linear}/${role}/quantizer/vars/0`),
    );
    const shareKvProj = options.boolean('share_kv_proj', false);
    const layer = qLinformerAttention({
      ...args,
      linKvProjDim: options.numbers('lin_kv_proj_dim'),
      shareKvProj,
      linEnableIq,
      linEnableOq,
    });
    const roles = shareKvProj ? ['lin_k_proj'] : ['lin_k_proj', 'lin_v_proj'];
    const stored = [
      ...roles.flatMap((role) =>
        part(args, groupOf(file, role), role, { bias: false, iq: linEnableIq, oq: linEnableOq }),
      ),
      ...['query', 'key', 'value'].flatMap((role) =>
        part(args, `${role}_dense`, role, { bias: role !== 'key', iq: args.enableIq === true, oq: true }),
      ),
      ...commonParts(args, file),
    ];
    return { layer, stored, tensors: (call) => tensorsOf(options, call) };
  },
};

type Args = QMultiHeadAttentionArgs & ReturnType<typeof commonArgs>;

function attentionArgs(options: Options): Args {
  const confirm = (key: string, remedy: string): void => {
    const value = options.raw(key);
    if (value != null && value !== false) options.fail(key, remedy);
  };
  confirm('use_gate', 'false: the reference leaves the gate out. Build the model without it');
  confirm('sliding_window', 'null: attention over a window is not supported. Build the model without it');
  options.raw('softmax_iq_conf');
  const dropout = options.number('dropout', 0);
  if (dropout > 0)
    options.note(`${options.where}: dropout = ${dropout} is not taken over; training goes on without it.`);
  penalties(options, ['kernel', 'bias']);
  const conf = (key: string) => quantizerAt(options, key);
  const sizes = options.raw('output_shape') == null ? null : options.numbers('output_shape');
  return {
    ...commonArgs(options),
    numHeads: options.number('num_heads'),
    keyDim: options.number('key_dim'),
    valueDim: options.raw('value_dim') == null ? null : options.number('value_dim'),
    useBias: options.boolean('use_bias', true),
    outputShape: sizes,
    attentionAxes: options.raw('attention_axes') == null ? null : options.numbers('attention_axes'),
    qkvoIqConf: conf('qkvo_iq_conf'),
    qkvoKqConf: conf('qkvo_kq_conf'),
    qkvoBqConf: conf('qkvo_bq_conf'),
    qkvoOqConf: conf('qkvo_oq_conf'),
    softmaxExpIqConf: conf('softmax_exp_iq_conf'),
    softmaxExpOqConf: conf('softmax_exp_oq_conf'),
    softmaxInvIqConf: conf('softmax_inv_iq_conf'),
    softmaxInvOqConf: conf('softmax_inv_oq_conf'),
    softmaxOqConf: conf('softmax_oq_conf'),
    stableSoftmax: options.boolean('stable_softmax', true),
    softmaxAllowHeterogeneousTable: options.boolean('softmax_allow_heterogeneous_table', false),
    parallelizationFactor: options.number('parallelization_factor', -1),
  };
}

/** Where one projection's variables are. */
function part(
  args: Args,
  group: string,
  role: string,
  has: { readonly bias: boolean; readonly iq: boolean; readonly oq: boolean },
): Stored[] {
  const bias = has.bias && args.useBias === true;
  const quantizers = ['kq', ...(bias ? ['bq'] : []), ...(has.iq ? ['iq'] : []), ...(has.oq ? ['oq'] : [])];
  const names = ['kernel', ...(bias ? ['bias'] : []), ...(args.enableEbops === true ? ['beta', 'ebops'] : [])];
  return [
    { group, variables: names.map((name) => `${role}/${name}`) },
    ...quantizers.map((name) => ({ group: `${group}/${name}`, quantizer: `${role}/${name}` })),
  ];
}

/** The layer's own variables, softmax and output projection. */
function commonParts(args: Args, file: KerasLayer): Stored[] {
  const softmax = groupOf(file, 'softmax');
  const stable = args.stableSoftmax === true;
  const counts = args.enableEbops === true;
  return [
    ...(counts ? [ownVariables('', [], args)] : []),
    ...(counts && stable ? [{ group: softmax, variables: ['softmax/beta', 'softmax/ebops'] }] : []),
    ...(stable ? [{ group: `${softmax}/exp_table/iq`, quantizer: 'softmax/expIq' }] : []),
    { group: `${softmax}/exp_table/oq`, quantizer: 'softmax/expOq' },
    { group: `${softmax}/inv_table/iq`, quantizer: 'softmax/invIq' },
    { group: `${softmax}/inv_table/oq`, quantizer: 'softmax/invOq' },
    { group: `${softmax}/oq`, quantizer: 'softmax/oq' },
    ...part(args, 'output_dense', 'attention_output', { bias: true, iq: true, oq: args.enableOq === true }),
    ...(args.enableOq ? [{ group: 'oq', quantizer: 'oq' }] : []),
  ];
}

/** A shared quantizer lies in the group of the first of its layers. */
function iqOf(file: KerasLayer, group: string, role: string, fuse: AttentionFuse): Stored {
  const places = fuse === 'none' || role !== 'value' ? [group] : ['key_dense', 'query_dense', 'value_dense'];
  const found = places.find((place) => file.arrays.has(`${place}/iq/quantizer/vars/0`)) ?? group;
  return { group: `${found}/iq`, quantizer: `${role}/iq` };
}

/** Keras keeps the underscore of attributes that have no public name. */
function groupOf(file: KerasLayer, name: string): string {
  return [...file.arrays.keys()].some((path) => path.startsWith(`_${name}/`)) ? `_${name}` : name;
}

/** A setting of the calls of a layer, alike in all of them. */
function callSetting(options: Options, file: KerasLayer, key: string): boolean {
  const values = new Set(file.calls.map(({ kwargs }) => kwargs[key] === true));
  if (values.size < 2) return values.has(true);
  throw options.problem(`it is called with ${key} and without. Use two layers`, key);
}

/** Query, value and key; those that are the same as the one before left out. */
function tensorsOf(options: Options, { args, kwargs }: KerasCall): readonly KerasTensor[] {
  for (const key of ['return_attention_scores', 'training']) {
    if (kwargs[key] === true)
      throw options.problem(`it is called with ${key}, which is not supported. Call it without`, key);
  }
  // A sequential model gives a list of one.
  const named = ['query', 'value', 'key'].map((name, index) => [kwargs[name] ?? args[index]].flat()[0]);
  const masks = [
    ...args.slice(3),
    ...Object.entries(kwargs).flatMap(([key, value]) => (key.endsWith('mask') ? [value] : [])),
  ];
  if (masks.some(isTensor))
    throw options.problem('it is called with a mask, which is not supported. Use use_causal_mask, or no mask', 'mask');
  const [query, value = query, key = value] = named.map((tensor) => (isTensor(tensor) ? tensor : undefined));
  if (query == null || value == null || key == null) throw options.problem('it is called without a query', 'query');
  const same = (a: KerasTensor, b: KerasTensor): boolean => JSON.stringify(a) === JSON.stringify(b);
  if (same(query, value) && same(value, key)) return [query];
  return same(value, key) ? [query, value] : [query, value, key];
}
