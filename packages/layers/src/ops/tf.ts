/**
 * The tensor operations that layers are made of. Every layer takes its tfjs functions from here, so this list is what
 * a backend has to offer (forward and gradient) for all our layers to train on it.
 */
export {
  add,
  conv2d,
  customGrad,
  matMul,
  mul,
  reshape,
  sub,
  tensor,
  tidy,
  zeros,
} from '@tensorflow/tfjs';
