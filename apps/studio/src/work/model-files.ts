import * as tf from '@tensorflow/tfjs';

/** A model as the files that `loadModel` of `@sp/layers` and tfjs read: `model.json` and `weights.bin`. */
export async function modelFiles(model: tf.LayersModel): Promise<ReadonlyMap<string, Uint8Array>> {
  let saved: tf.io.ModelArtifacts | undefined;
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
    }),
  );
  const { modelTopology, weightSpecs, weightData } = saved as tf.io.ModelArtifacts;
  const weights = tf.io.CompositeArrayBuffer.join(weightData);
  const json = {
    format: 'layers-model',
    generatedBy: '@sp/studio',
    modelTopology,
    weightsManifest: [{ paths: ['weights.bin'], weights: weightSpecs }],
  };
  return new Map([
    ['model.json', new TextEncoder().encode(JSON.stringify(json))],
    ['weights.bin', new Uint8Array(weights)],
  ]);
}
