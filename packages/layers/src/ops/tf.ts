/**
 * The tensor operations that layers are made of. Every layer takes its tfjs functions from here, so this list is what
 * a backend has to offer (forward and gradient) for all our layers to train on it.
 */
export {
  add,
  concat,
  conv2d,
  customGrad,
  depthwiseConv2d,
  fill,
  matMul,
  maximum,
  minimum,
  mul,
  reshape,
  split,
  sub,
  tensor,
  tidy,
  transpose,
  zeros,
} from '@tensorflow/tfjs';
