/*
 * Rows of the text protocol, as they come on the wire, to LOAD DATA text.
 *
 * An optional helper: fast_rows.py uses it where it was built, and everything gives the same bytes without it.
 * What comes from a server is never trusted: nothing is read past the bytes at hand, nothing written past the room
 * there is, and a row whose fields do not fill its packet is refused, never guessed.
 *
 * The first half knows no Python, so that tests/native can build it with sanitizers.
 */

#ifndef WITHOUT_PYTHON
#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum kind { PLAIN = 'p', ESCAPED = 'e', HEX = 'h' };

/* Why a conversion stopped: at bytes that are not whole yet, before a packet that is no row, or at a row that is wrong. */
enum verdict { MORE, END, FAILED, SPLIT, MALFORMED, NOT_TEXT };

struct rows {
    size_t consumed; /* bytes of whole rows that were read */
    size_t written;  /* bytes of text that they gave */
    size_t count;
    enum verdict verdict;
};

/* A byte of a value gives at most two, a value of length n took n + 1 bytes at least, and NULL and its tab are three. */
#define MOST_GROWTH 3

enum { HEADER = 4, FULL = 0xFFFFFF, ERROR_PACKET = 0xFF, END_PACKET = 0xFE, END_SIZE = 9, SQL_NULL = 0xFB };

static size_t
little_endian(const uint8_t *at, size_t bytes, uint64_t *value)
{
    *value = 0;
    for (size_t i = 0; i < bytes; i++)
        *value |= (uint64_t)at[i] << (8 * i);
    return bytes;
}

/* The bytes that a length takes, 0 where it is none; no field of a whole packet is longer than the packet. */
static size_t
read_length(const uint8_t *at, size_t left, uint64_t *length)
{
    size_t follow = at[0] == 0xFC ? 2 : at[0] == 0xFD ? 3 : at[0] == 0xFE ? 8 : 0;

    *length = at[0];
    if (at[0] == SQL_NULL || at[0] == 0xFF || left < 1 + follow)
        return 0;
    return follow ? 1 + little_endian(at + 1, follow, length) : 1;
}

/* The bytes of the character at `at` if it is none of ASCII, 0 if it is not valid. Lone surrogates are: the server takes them. */
static size_t
character(const uint8_t *at, size_t left)
{
    uint8_t first = at[0], least = 0x80, most = 0xBF;
    size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;

    if (first < 0xC2 || first > 0xF4 || left < size)
        return 0;
    if (first == 0xE0)
        least = 0xA0;
    else if (first == 0xF0)
        least = 0x90;
    else if (first == 0xF4)
        most = 0x8F;
    if (at[1] < least || at[1] > most)
        return 0;
    for (size_t i = 2; i < size; i++)
        if ((at[i] & 0xC0) != 0x80)
            return 0;
    return size;
}

static char
escape_of(uint8_t byte)
{
    return byte == '\\' ? '\\' : byte == '\t' ? 't' : byte == '\n' ? 'n' : 0;
}

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))
#define ZERO_AMONG(word) (((word) - EACH(0x01)) & ~(word) & EACH(0x80))

/* Whether eight bytes may hold one that does not stand for itself; never no where there is one. */
static bool
is_special(uint64_t word)
{
    return ((word & EACH(0x80)) | ZERO_AMONG(word ^ EACH('\\')) | ZERO_AMONG(word ^ EACH('\t'))
            | ZERO_AMONG(word ^ EACH('\n'))) != 0;
}

/* Copies `size` bytes of text; NULL where they are not valid. A number or a date has nothing to escape. */
static uint8_t *
write_text(const uint8_t *in, size_t size, bool escaped, uint8_t *out, enum verdict *wrong)
{
    const uint8_t *end = in + size;

    while (in < end) {
        uint64_t word;
        if (end - in >= 8 && (memcpy(&word, in, 8), !is_special(word))) {
            memcpy(out, &word, 8);
            in += 8, out += 8;
            continue;
        }
        for (const uint8_t *stop = end - in > 8 ? in + 8 : end; in < stop;) {
            char letter = escape_of(*in);
            size_t length = 1;
            if (!escaped && (letter || *in >= 0x80))
                return *wrong = MALFORMED, NULL;
            if (*in >= 0x80 && !(length = character(in, (size_t)(end - in))))
                return *wrong = NOT_TEXT, NULL;
            if (letter) {
                *out++ = '\\', *out++ = (uint8_t)letter, in++;
                continue;
            }
            while (length--)
                *out++ = *in++;
        }
    }
    return out;
}

static uint8_t *
write_hex(const uint8_t *in, size_t size, uint8_t *out)
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < size; i++) {
        *out++ = (uint8_t)digits[in[i] >> 4];
        *out++ = (uint8_t)digits[in[i] & 0x0F];
    }
    return out;
}

/* One row as one line; NULL where the packet is not exactly one row. */
static uint8_t *
write_row(const uint8_t *in, const uint8_t *end, const uint8_t *kinds, size_t columns, uint8_t *out, enum verdict *wrong)
{
    *wrong = MALFORMED;
    for (size_t i = 0; i < columns; i++) {
        uint64_t length;
        size_t taken;
        if (i)
            *out++ = '\t';
        if (in == end)
            return NULL;
        if (*in == SQL_NULL) {
            *out++ = '\\', *out++ = 'N', in++;
            continue;
        }
        if (!(taken = read_length(in, (size_t)(end - in), &length)))
            return NULL;
        in += taken;
        if (length > (uint64_t)(end - in))
            return NULL;
        if (kinds[i] == HEX)
            out = write_hex(in, (size_t)length, out);
        else if (!(out = write_text(in, (size_t)length, kinds[i] == ESCAPED, out, wrong)))
            return NULL;
        in += length;
    }
    if (in != end)
        return NULL;
    *out++ = '\n';
    return out;
}

/* As many rows as are whole in `wire`. `out` has room for MOST_GROWTH * size bytes. */
static struct rows
convert(const uint8_t *wire, size_t size, const uint8_t *kinds, size_t columns, uint8_t *out)
{
    struct rows done = {0, 0, 0, MORE};

    for (;;) {
        const uint8_t *packet;
        size_t left = size - done.consumed;
        uint64_t length;
        uint8_t *next;
        if (left < HEADER)
            return done;
        little_endian(wire + done.consumed, 3, &length);
        if (length == FULL)
            return done.verdict = SPLIT, done;
        if (left - HEADER < length)
            return done;
        packet = wire + done.consumed + HEADER;
        if (length && packet[0] == ERROR_PACKET)
            return done.verdict = FAILED, done;
        if (length && length < END_SIZE && packet[0] == END_PACKET)
            return done.verdict = END, done;
        next = write_row(packet, packet + length, kinds, columns, out + done.written, &done.verdict);
        if (!next)
            return done;
        done.verdict = MORE;
        done.consumed += HEADER + (size_t)length;
        done.written = (size_t)(next - out);
        done.count++;
    }
}

#ifndef WITHOUT_PYTHON

#ifndef SOURCE
#define SOURCE "unknown"
#endif

/* The interpreter goes on with other threads meanwhile: nobody else knows `out`, and the buffer of `wire` is held. */
static PyObject *
converted(const uint8_t *wire, Py_ssize_t size, const char *kinds, Py_ssize_t columns)
{
    struct rows done;
    PyObject *answer;
    uint8_t *out = size > PY_SSIZE_T_MAX / MOST_GROWTH ? NULL : PyMem_Malloc((size_t)size * MOST_GROWTH);

    if (!out)
        return PyErr_NoMemory();
    Py_BEGIN_ALLOW_THREADS
    done = convert(wire, (size_t)size, (const uint8_t *)kinds, (size_t)columns, out);
    Py_END_ALLOW_THREADS
    answer = Py_BuildValue("(y#nnI)", (const char *)out, (Py_ssize_t)done.written, (Py_ssize_t)done.consumed,
                           (Py_ssize_t)done.count, (unsigned)done.verdict);
    PyMem_Free(out);
    return answer;
}

static PyObject *
py_convert(PyObject *module, PyObject *args)
{
    Py_buffer wire;
    const char *kinds;
    Py_ssize_t columns, size;
    PyObject *answer = NULL;

    (void)module;
    if (!PyArg_ParseTuple(args, "y*ny#", &wire, &size, &kinds, &columns))
        return NULL;
    if (size < 0 || size > wire.len)
        PyErr_SetString(PyExc_ValueError, "more bytes than there are");
    else
        answer = converted(wire.buf, size, kinds, columns);
    PyBuffer_Release(&wire);
    return answer;
}

static PyMethodDef methods[] = {
    {"convert", py_convert, METH_VARARGS,
     "convert(wire, size, kinds) -> (text, consumed, rows, verdict): the whole rows among the first `size` bytes."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_wire", NULL, 0, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC
PyInit__wire(void)
{
    PyObject *module = PyModule_Create(&definition);

    if (module && PyModule_AddStringConstant(module, "SOURCE", SOURCE)) {
        Py_DECREF(module);
        return NULL;
    }
    return module;
}

#endif
