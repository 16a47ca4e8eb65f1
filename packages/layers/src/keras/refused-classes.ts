import { LayerError } from '../layer-error.ts';

/** What to do about classes of Keras and HGQ2 that have no counterpart here. */
const remedies: readonly (readonly [RegExp, string])[] = [
  [
    /^Q?(Conv|MaxPooling|AveragePooling|Global\w+Pooling|ZeroPadding|Cropping|UpSampling|SpatialDropout)3D$/,
    'three-dimensional data are not supported. Fold one dimension into the channels (Reshape) and use the 2D layer.',
  ],
  [
    /^Q(SimpleSNN|LIF)(Cell)?$/,
    'spiking layers keep a state from step to step. Unroll them into quantised dense layers.',
  ],
  [
    /^Q(DenseT|EinsumDenseT|ConvT1D|ConvT2D|MultiHeadAttentionT|LinformerAttentionT)$/,
    'layers made of tables are not supported. Train its counterpart without T, or build it of qUnaryFunctionLUT and qSum.',
  ],
  [/Transpose$/, 'transposed convolutions are not supported. Use UpSampling2D and a convolution.'],
  [
    /^(Bidirectional|ConvLSTM\w+|LSTM|GRU|SimpleRNN|RNN|Q(GRU|SimpleRNN)Cell)$/,
    'of the recurrent layers only QGRU and QSimpleRNN are supported. Train one of these, or use QConv1D.',
  ],
  [
    /^(LayerNormalization|GroupNormalization|RMSNormalization|UnitNormalization|SpectralNormalization)$/,
    'it divides by a statistic of the data itself, which hardware cannot do exactly. Use BatchNormalization.',
  ],
  [
    /^(Embedding|Hashing|IntegerLookup|StringLookup|CategoryEncoding|Discretization|TextVectorization)$/,
    'it works on categories. Encode them before the model and feed numbers.',
  ],
  [
    /^(Lambda|TorchModuleWrapper|JaxLayer|FlaxLayer|TFSMLayer)$/,
    'its code is not in the file. Replace it by functional operations (x * 2, keras.ops.…) or a layer.',
  ],
  [
    /^(MultiHeadAttention|GroupQueryAttention|Attention|AdditiveAttention|QSALTAttention)$/,
    'of the attention layers QMultiHeadAttention and QLinformerAttention are supported. Train one of these, or build it of QEinsumDense, QEinsum and QSoftmax.',
  ],
  [
    /^(Random\w+|CenterCrop|Resizing|MixUp|CutMix|AutoContrast|Rand\w+)$/,
    'image augmentation belongs before the model. Remove the layer and prepare the data instead.',
  ],
  [
    /^Masking$/,
    'it is not supported. Use a Dense layer or a convolution, which work on every step alike, on data without gaps.',
  ],
];

/** A layer class that is left out on purpose; the message says what to do. */
export class NoCounterpartError extends LayerError {}

/** The error that refuses a class: what to do, or what there is. */
export function refusal(where: string, className: string, known: readonly string[]): LayerError {
  const remedy = remedies.find(([pattern]) => pattern.test(className))?.[1];
  return remedy == null
    ? new LayerError(
        `${where}: this class cannot be imported: it is not known here. Known: ${[...known].sort().join(', ')}.`,
      )
    : new NoCounterpartError(`${where}: this class cannot be imported: ${remedy}`);
}
