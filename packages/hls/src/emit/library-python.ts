/** `lib/<name>_lib.py`: the shared library from Python, with numpy where there is one. */
export function libraryPython(name: string): string {
  return `"""${name} from Python: exactly what the firmware computes.

    from ${name}_lib import Network
    network = Network()              # build it first: make lib
    (scores,) = network.predict(images)

One array per input, in the order of network.inputs: a batch, image after image, of numbers in any nesting. One result
per output, with a row per image: numpy arrays if numpy arrays came in, else lists.
"""
import collections
import ctypes
import os

Port = collections.namedtuple("Port", "name size words fraction")


class FirmwareError(RuntimeError):
    """What the library refused, with its code."""


class Network:
    """The network in a shared library; path: where that is, by default in build/ beside lib/."""

    def __init__(self, path=None):
        here = os.path.dirname(os.path.abspath(__file__))
        self._library = ctypes.CDLL(path or os.path.join(here, "..", "build", "lib${name}.so"))
        self.inputs = self._ports("input")
        self.outputs = self._ports("output")

    def predict(self, *inputs):
        """Reals in, reals out."""
        return self._run("predict", ctypes.c_double, inputs, "size")

    def predict_words(self, *inputs):
        """The integers that the firmware takes and gives: a number is word * 2**-fraction."""
        return self._run("predict_words", ctypes.c_int64, inputs, "words")

    def encode(self, values, port=0):
        """Reals of an input as words, a row per image."""
        if not 0 <= port < len(self.inputs):
            raise ValueError("there is no input %d; there are %d" % (port, len(self.inputs)))
        given, images, is_numpy = self._given(values, ctypes.c_double, self.inputs[port].size, port)
        size = self.inputs[port].words
        words = (ctypes.c_int64 * max(1, images * size))()
        self._check(self._function("encode", ctypes.c_int)(port, given, words, ctypes.c_size_t(images)))
        return self._rows(words, images, size, is_numpy)

    def _run(self, what, number, inputs, measure):
        if len(inputs) != len(self.inputs):
            names = ", ".join(port.name for port in self.inputs)
            raise ValueError("%d arrays for the inputs %s" % (len(inputs), names or "(none)"))
        arrays, counts, is_numpy = [], [], False
        for k, values in enumerate(inputs):
            given, images, numpy_here = self._given(values, number, getattr(self.inputs[k], measure), k)
            arrays.append(given)
            counts.append(images)
            is_numpy = is_numpy or numpy_here
        if len(set(counts)) > 1:
            raise ValueError("inputs with different numbers of images: %s" % counts)
        images = counts[0] if counts else 1
        sizes = [getattr(port, measure) for port in self.outputs]
        results = [(number * max(1, images * size))() for size in sizes]
        pointer = ctypes.POINTER(number)
        pointers = lambda of: (pointer * max(1, len(of)))(*[ctypes.cast(array, pointer) for array in of])
        function = self._function(what, ctypes.c_int)
        self._check(function(pointers(arrays), pointers(results), ctypes.c_size_t(images)))
        return [self._rows(result, images, size, is_numpy) for result, size in zip(results, sizes)]

    def _given(self, values, number, size, port):
        """Numbers as the library wants them, how many images they are, and whether they came from numpy."""
        is_numpy = hasattr(values, "__array_interface__")
        if is_numpy:
            import numpy

            if number is ctypes.c_int64 and not numpy.can_cast(values.dtype, numpy.int64):
                raise ValueError("input %d: words are whole numbers of at most 64 bits, not %s" % (port, values.dtype))
            flat = numpy.ascontiguousarray(values, dtype=numpy.dtype(number)).reshape(-1)
            given = (number * max(1, flat.size)).from_buffer_copy(flat.tobytes() or bytes(ctypes.sizeof(number)))
            count = flat.size
        else:
            flat = list(_numbers(values))
            count = len(flat)
            given = (number * max(1, count))(*flat)
        if count % size != 0:
            raise ValueError("input %d: %d numbers; an image has %d" % (port, count, size))
        return given, count // size, is_numpy

    def _rows(self, array, images, size, is_numpy):
        if is_numpy:
            import numpy

            return numpy.array(array)[: images * size].reshape(images, size)
        return [list(array[image * size : (image + 1) * size]) for image in range(images)]

    def _ports(self, kind):
        ask = lambda what, result, port: self._function("%s_%s" % (kind, what), result)(port)
        return [
            Port(
                ask("name", ctypes.c_char_p, port).decode(),
                ask("size", ctypes.c_size_t, port),
                ask("words", ctypes.c_size_t, port),
                ask("fraction", ctypes.c_int, port),
            )
            for port in range(self._function(kind + "_count", ctypes.c_int)())
        ]

    def _check(self, code):
        if code != 0:
            raise FirmwareError("%s (code %d)" % (self._function("error", ctypes.c_char_p)(code).decode(), code))

    def _function(self, what, result):
        function = getattr(self._library, "${name}_" + what)
        function.restype = result
        return function


def _numbers(values):
    for value in values:
        if hasattr(value, "__iter__"):
            for inner in _numbers(value):
                yield inner
        else:
            yield value
`;
}
