/**
 * A few images of the UCI "Optical Recognition of Handwritten Digits" data set (E. Alpaydin, C. Kaynak, CC BY 4.0):
 * class, then 8×8 intensities 0 to 16 written as the characters 0 to g.
 */
const digits: readonly (readonly [number, string])[] = [
  [0, '005d910000dfaf5003f20b8004c008800580098004b01c7002e5ac00006da000'],
  [5, '00ca000000egge0000dgfa1000bgg70000047g7000004g900054cg40009gga00'],
  [2, '0005ec20007f8e4000623d100001d400001b900008gd000005egb2000006cd30'],
  [3, '009gd6000065gg000008f5000005e30000009f2000000bc00048bfc000bec800'],
  [8, '00bac40000cd9g10007dbg00001ge40000agd00000e7c70004e4cd0001bec400'],
  [6, '0009a000007g700000dd100000f7000004gfc70002gc4ba0008e59e00006ce90'],
  [0, '002ef50000aggf1003gaag4005g00e6005g60c7001fd4d6000bggf00002bd400'],
  [5, '03f8860004gggd2003g9200002ggf3000076c9000001ea00005ef20001fe1000'],
];

/** Labels of the sample images. */
export const digitLabels: readonly number[] = digits.map(([label]) => label);

/** The sample images as sparse 28×28 images: intensity / 16, up to 0.4 set to 0, cells three pixels apart. */
export const digitImages: Float32Array = (() => {
  const images = new Float32Array(digits.length * 784);
  for (const [image, [, cells]] of digits.entries()) {
    for (let cell = 0; cell < 64; cell++) {
      const value = Number.parseInt(cells[cell], 17) / 16;
      const place = (index: number) => Math.round((index - 3.5) * 3 + 13.5);
      images[image * 784 + place(Math.floor(cell / 8)) * 28 + place(cell % 8)] = value > 0.4 ? value : 0;
    }
  }
  return images;
})();
