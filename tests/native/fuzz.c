/*
 * The helper's core without Python, under the sanitizers: fuzz ROUNDS SEED
 *
 * Rows at random and damaged ones, in memory of exactly their size, so that one byte too far is noticed.
 * What a damaged row gives is not judged here, only that nothing is read or written where it must not be
 * and that the figures agree; tests/engine/test_fast_rows.py compares the text.
 */

#define WITHOUT_PYTHON
#include "../../backups/engine/_wire.c"

#include <stdio.h>
#include <stdlib.h>

#define MOST_WIRE 4096
#define MOST_COLUMNS 12

static uint64_t state;

static uint32_t
chance(uint32_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 32) % below;
}

/* A field as the protocol has it, sometimes longer said than needed, sometimes with a lie about its length. */
static size_t
make_field(uint8_t *at, bool honest)
{
    static const uint8_t telling[] = {0, '\t', '\n', '\\', 0x7F, 0x80, 0xBF, 0xC2, 0xED, 0xA0, 0xF0, 0xF4, 0xFB, 0xFF};
    uint64_t size = chance(40), told = honest || chance(4) ? size : (uint64_t)chance(UINT32_MAX) << chance(33);
    unsigned form = chance(4);
    size_t taken = 1, follow = form == 1 ? 2 : form == 2 ? 3 : form == 3 ? 8 : 0;

    if (chance(6) == 0)
        return *at = SQL_NULL, 1;
    at[0] = form ? (uint8_t)(0xFB + form) : (uint8_t)told;
    for (; taken <= follow; taken++)
        at[taken] = (uint8_t)(told >> (8 * (taken - 1)));
    for (uint64_t i = 0; i < size; i++)
        at[taken++] = chance(8) ? (uint8_t)('0' + chance(70)) : telling[chance(sizeof telling)];
    return taken;
}

static size_t
make_wire(uint8_t *wire, size_t columns, bool honest)
{
    size_t size = 0, count = chance(8);

    for (size_t row = 0; row < count && size < MOST_WIRE - 100 * MOST_COLUMNS; row++) {
        size_t start = size, length;
        size += HEADER;
        for (size_t i = 0; i < columns; i++)
            size += make_field(wire + size, honest);
        length = honest || chance(8) ? size - start - HEADER : chance(300);
        wire[start] = (uint8_t)length, wire[start + 1] = (uint8_t)(length >> 8), wire[start + 2] = (uint8_t)(length >> 16);
        wire[start + 3] = (uint8_t)row;
    }
    if (!honest)
        for (uint32_t i = chance(6); size && i; i--)
            wire[chance((uint32_t)size)] = (uint8_t)chance(256);
    return size;
}

static void
expect(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "%s\n", what);
        abort();
    }
}

/* In memory of exactly the sizes that were promised: what lies beside it is poisoned. */
static struct rows
convert_exactly(const uint8_t *wire, size_t size, const uint8_t *kinds, size_t columns)
{
    uint8_t *in = malloc(size ? size : 1), *kind = malloc(columns ? columns : 1), *out = malloc(size ? MOST_GROWTH * size : 1);
    struct rows done;

    expect(in && kind && out, "no memory");
    memcpy(in, wire, size);
    memcpy(kind, kinds, columns);
    done = convert(in + (size ? 0 : 1), size, kind, columns, out);
    expect(done.consumed <= size && done.written <= MOST_GROWTH * done.consumed, "more than there is");
    expect(done.count * HEADER <= done.consumed && done.verdict <= NOT_TEXT, "figures that do not agree");
    free(in), free(kind), free(out);
    return done;
}

int
main(int argc, char **argv)
{
    static uint8_t wire[MOST_WIRE];
    static const uint8_t sorts[] = {PLAIN, ESCAPED, HEX};
    long rounds = argc > 1 ? atol(argv[1]) : 100000, rows = 0, refused = 0;

    state = argc > 2 ? strtoull(argv[2], NULL, 10) | 1 : 1;
    for (long round = 0; round < rounds; round++) {
        uint8_t kinds[MOST_COLUMNS];
        size_t columns = chance(MOST_COLUMNS + 1), size = make_wire(wire, columns, chance(2));
        struct rows whole, cut;
        for (size_t i = 0; i < columns; i++)
            kinds[i] = sorts[chance(3)];
        whole = convert_exactly(wire, size, kinds, columns);
        /* Fewer bytes never give more, nor another reason to stop before them. */
        cut = convert_exactly(wire, size ? chance((uint32_t)size) : 0, kinds, columns);
        expect(cut.consumed <= whole.consumed && cut.count <= whole.count, "a cut gave more");
        rows += (long)whole.count;
        refused += whole.verdict >= MALFORMED;
    }
    printf("%ld rows, %ld refused\n", rows, refused);
    return rows && refused ? 0 : 1;
}
