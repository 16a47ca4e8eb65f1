/** A picture of an SVG, with two pixels per unit. */
export async function svgToPng(svg: string): Promise<Blob> {
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [2 * image.naturalWidth, 2 * image.naturalHeight];
    const context = canvas.getContext('2d');
    if (context === null) throw new Error('The browser gives no canvas to draw on; take the SVG instead.');
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) => {
      canvas.toBlob((blob) =>
        blob === null ? reject(new Error('The picture is too large; take the SVG instead.')) : resolve(blob),
      );
    });
  } finally {
    URL.revokeObjectURL(url);
  }
}
