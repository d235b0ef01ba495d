// SPDX-License-Identifier: GPL-3.0-or-later
// What is coded comes back bit by bit; what is damaged is refused.
#include <QTest>
#include <random>

#include "models/predictions/part_format.h"
#include "tests/workspace/support.h"

using namespace pilothouse;
using namespace pilothouse::predictions;
using ports::ColumnType;

namespace {

bool sameNumber(double a, double b) {
    return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b) || (std::isnan(a) && std::isnan(b));
}

/// Whether some rows of a block, in any order and again, are what the whole block says of them.
bool sameRows(const ColumnBlock& whole, ByteView bytes, const BlockInfo& info) {
    static std::mt19937 random(3);
    std::vector<std::uint32_t> wanted;
    for (std::size_t n = random() % 9; whole.rows() > 0 && n > 0; --n)
        wanted.push_back(static_cast<std::uint32_t>(random() % whole.rows()));
    if (whole.rows() > 0) wanted.push_back(static_cast<std::uint32_t>(whole.rows() - 1));
    const auto few = decodeRows(bytes, whole.type, whole.rows(), info, wanted);
    if (!few || few->type != whole.type || few->rows() != wanted.size()) return false;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const std::uint32_t row = wanted[i];
        if (few->missing(i) != whole.missing(row)) return false;
        if (whole.type == ColumnType::Number && !sameNumber(few->numbers[i], whole.numbers[row])) return false;
        if (whole.type == ColumnType::Time && few->times[i] != whole.times[row]) return false;
        if (whole.type == ColumnType::Text && few->text(i) != whole.text(row)) return false;
    }
    return true;
}

Result<std::vector<ColumnBlock>> decoded(const EncodedColumn& column) {
    ByteReader reader(column.headerBytes);
    PH_ASSIGN(const ColumnHeader header, decodeHeader(reader));
    std::vector<ColumnBlock> blocks;
    for (std::size_t b = 0; b < header.blocks.size(); ++b) {
        const BlockInfo& info = header.blocks[b];
        const ByteView bytes = ByteView(column.data).subspan(info.offset, info.bytes);
        PH_ASSIGN(ColumnBlock block, decodeBlock(bytes, header.type, header.rowsOf(b), info));
        if (!sameRows(block, bytes, info)) return fail(Error::internal("rows of a block are not those of the whole"));
        blocks.push_back(std::move(block));
    }
    return blocks;
}

EncodedColumn encoded(const ports::Column& column, Effort effort) {
    ColumnWriter writer(column.type, effort);
    writer.append(column, 0, column.size());
    return writer.finish();
}

ports::Column numbers(std::vector<double> values) {
    ports::Column column{"x", ColumnType::Number, {}, {}, {}, {}};
    column.numbers = std::move(values);
    return column;
}

}  // namespace

class TestColumnCodec : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { test::failOnWarnings(); }

    void numbersComeBack_data() {
        QTest::addColumn<QList<double>>("values");
        QTest::addColumn<double>("bytesAValue");  // at most, of 8,192 such values; 0: whatever
        const double inf = std::numeric_limits<double>::infinity(), nan = std::nan("");
        QTest::newRow("whole") << QList<double>{1, 2, 300, -5, nan} << 2.1;
        QTest::newRow("tenths") << QList<double>{70.5, 71.3, 0.1, 0.2, 0.3} << 2.1;
        QTest::newRow("hundredths") << QList<double>{1013.25, 29.92, 0.07, -0.01} << 4.1;
        QTest::newRow("one value") << QList<double>{5} << 0.1;
        QTest::newRow("all missing") << QList<double>{nan} << 0.1;
        QTest::newRow("floats") << QList<double>{double(0.1F), double(0.7231F), nan} << 4.1;
        QTest::newRow("doubles") << QList<double>{1.0 / 3, M_PI, 1e-300, 1e300} << 8.1;
        QTest::newRow("infinite") << QList<double>{inf, -inf, 1, nan} << 8.1;
        QTest::newRow("zeros") << QList<double>{0.0, -0.0} << 8.1;
        QTest::newRow("large") << QList<double>{9007199254740991.0, 9007199254740993.0, 4503599627370495.0,
                                                -4503599627370497.0, 1e15 + 0.5}
                               << 8.1;
        QTest::newRow("denormal") << QList<double>{5e-324, 1e-310, 0} << 8.1;
        QTest::newRow("fits few places, not more") << QList<double>{4503599627370495.0, 0.123456789} << 8.1;
    }
    void numbersComeBack() {
        QFETCH(QList<double>, values);
        QFETCH(double, bytesAValue);
        std::vector<double> rows;
        for (std::size_t i = 0; i < 8'192; ++i)
            rows.push_back(values[static_cast<qsizetype>(i) % values.size()]);
        for (const Effort effort : {Effort::Fast, Effort::Dense}) {
            const EncodedColumn column = encoded(numbers(rows), effort);
            QVERIFY2(double(column.data.size()) <= bytesAValue * 8'192,
                     qPrintable(QString::number(double(column.data.size()) / 8'192)));
            const auto back = decoded(column);
            PH_VERIFY(back);
            QCOMPARE(back->front().numbers.size(), rows.size());
            for (std::size_t i = 0; i < rows.size(); ++i)
                QVERIFY(sameNumber(back->front().numbers[i], rows[i]));
        }
    }

    /// Digits in one run or many, an odd number of them, alone at the end.
    void idsComeBack() {
        std::mt19937_64 random(31);
        for (const char* form :
             {"xxxxxxxx", "xxxxxxxxx", "xxxxxxxx-xxxx-4xxx-axxx-xxxxxxxxxxxx", "x-x-x-x-x-x-x-x", "id:xxx.xxxxx.x",
              "https://example.test/item?xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx#"}) {
            ports::Column column{"t", ColumnType::Text, {}, {}, {}, {}};
            for (int i = 0; i < 500; ++i) {
                std::string text = form;
                for (char& c : text)
                    if (c == 'x') c = "0123456789abcdef"[random() % 16];
                column.codes.push_back(static_cast<std::uint32_t>(i));
                column.dictionary.push_back(std::move(text));
            }
            for (const Effort effort : {Effort::Fast, Effort::Dense}) {
                const EncodedColumn coded = encoded(column, effort);
                const auto back = decoded(coded);
                PH_VERIFY(back);
                for (std::size_t i = 0; i < column.codes.size(); ++i)
                    QCOMPARE(std::string(back->front().text(i)), column.dictionary[i]);
            }
        }
    }

    void randomColumnsComeBack() {
        std::mt19937_64 random(11);
        for (int round = 0; round < 60; ++round) {
            const std::size_t rows = random() % 20'000;
            ports::Column number = numbers({}), text{"t", ColumnType::Text, {}, {}, {}, {}},
                          time{"w", ColumnType::Time, {}, {}, {}, {}};
            const std::size_t distinct = 1 + random() % (round % 2 ? 10 : 30'000);
            for (std::size_t i = 0; i < distinct; ++i)
                text.dictionary.push_back(std::string(random() % 30, char('a' + i % 26)) + (i % 3 ? "" : "é\0x"));
            const std::int64_t units[]{1, 1'000'000, 60'000'000'000};
            for (std::size_t i = 0; i < rows; ++i) {
                number.numbers.push_back(
                    random() % 9 == 0
                        ? std::nan("")
                        : std::bit_cast<double>(random() % 3 == 0
                                                    ? random()
                                                    : std::bit_cast<std::uint64_t>(double(random() % 1'000) / 10)));
                text.codes.push_back(random() % 7 == 0 ? ports::Column::kMissingCode
                                                       : static_cast<std::uint32_t>(random() % distinct));
                time.times.push_back(random() % 50 == 0 && round % 3 == 0
                                         ? kTimestampMin.ns
                                         : static_cast<std::int64_t>(random() % 100'000) * units[round % 3] -
                                               (round % 5 == 0 ? INT64_MAX / 2 : 0));
            }
            for (const Effort effort : {Effort::Fast, Effort::Dense}) {
                const auto n = decoded(encoded(number, effort)), t = decoded(encoded(text, effort)),
                           w = decoded(encoded(time, effort));
                PH_VERIFY(n);
                PH_VERIFY(t);
                PH_VERIFY(w);
                for (std::size_t i = 0; i < rows; ++i) {
                    const std::size_t b = i / kBlockRows, r = i % kBlockRows;
                    QVERIFY(sameNumber((*n)[b].numbers[r], number.numbers[i]));
                    QCOMPARE((*w)[b].times[r], time.times[i]);
                    QCOMPARE((*t)[b].missing(r), text.missing(i));
                    QVERIFY((*t)[b].text(r) == text.text(i));
                }
            }
        }
    }

    /// The same rows in pieces give the same bytes.
    void piecesGiveTheSameBytes() {
        std::mt19937 random(2);
        ports::Column text{"t", ColumnType::Text, {}, {}, {"a", "b", "c", "d"}, {}};
        for (int i = 0; i < 20'000; ++i)
            text.codes.push_back(random() % 5 == 4 ? ports::Column::kMissingCode : random() % 4);
        const EncodedColumn whole = encoded(text, Effort::Dense);
        ColumnWriter writer(ColumnType::Text, Effort::Dense);
        for (std::size_t from = 0; from < text.codes.size();) {
            const std::size_t to = std::min(text.codes.size(), from + 1 + random() % 3'000);
            // Each piece with a dictionary of its own, in another order.
            ports::Column piece{"t", ColumnType::Text, {}, {}, {"d", "c", "b", "a"}, {}};
            for (std::size_t i = from; i < to; ++i)
                piece.codes.push_back(text.missing(i) ? text.codes[i] : 3 - text.codes[i]);
            writer.append(piece, 0, piece.size());
            from = to;
        }
        const EncodedColumn pieces = writer.finish();
        QVERIFY(pieces.data == whole.data);
        QVERIFY(pieces.headerBytes == whole.headerBytes);
        QCOMPARE(whole.distinct, std::uint64_t{4});
    }

    void distinctIsEstimated() {
        std::vector<double> values;
        for (int i = 0; i < 65'536; ++i)
            values.push_back(i);
        const auto estimate = encoded(numbers(values), Effort::Dense).distinct;
        QVERIFY2(std::abs(double(estimate) - 65'536) < 650, qPrintable(QString::number(estimate)));
    }

    /// Every truncation and thousands of flipped bits: an error, or (where the flip lies in no used byte) the same
    /// rows.
    void damageIsRefused() {
        std::mt19937 random(4);
        ports::Column text{"t", ColumnType::Text, {}, {}, {}, {}};
        for (int i = 0; i < 500; ++i) {
            text.dictionary.push_back("request-" + std::to_string(i * 7919));
            text.codes.push_back(static_cast<std::uint32_t>(i));
        }
        for (const Effort effort : {Effort::Fast, Effort::Dense}) {
            const EncodedColumn column = encoded(text, effort);
            const BlockInfo info = column.header.blocks[0];
            const ByteView stored = ByteView(column.data).subspan(info.offset, info.bytes);
            const auto refused = [&](ByteView bytes) {
                return !decodeBlock(bytes, ColumnType::Text, 500, info).has_value();
            };
            QVERIFY(!refused(stored));
            for (std::size_t n = 0; n < stored.size(); ++n)
                QVERIFY(refused(stored.first(n)));
            for (int i = 0; i < 2'000; ++i) {
                Bytes bytes(stored.begin(), stored.end());
                bytes[random() % bytes.size()] ^= static_cast<std::uint8_t>(1U << (random() % 8));
                QVERIFY(refused(bytes));
            }
            for (std::size_t n = 0; n < column.headerBytes.size(); ++n) {
                ByteReader shorter(ByteView(column.headerBytes).first(n));
                QVERIFY(!decodeHeader(shorter));
                Bytes bytes = column.headerBytes;
                bytes[n] ^= 4;
                ByteReader flipped(bytes);
                QVERIFY(!decodeHeader(flipped));
            }
        }
    }

    /// Bytes whose checksum is right but whose content is not what the rows need: refused within bounds.
    void hostileBlocksAreRefused() {
        std::mt19937 random(6);
        int refused = 0;
        for (int i = 0; i < 20'000; ++i) {
            ColumnBlock block;
            block.type = static_cast<ColumnType>(random() % 3);
            const std::size_t rows = 1 + random() % 40;
            for (std::size_t r = 0; r < rows; ++r) {
                block.numbers.push_back(double(random() % 100) / 10);
                block.times.push_back(static_cast<std::int64_t>(random()));
                block.codes.push_back(static_cast<std::uint32_t>(r % 3));
            }
            const bool hex = random() % 2 == 0;
            for (const char* t : {"a", "bb", "ccc"})
                block.pool.add(hex ? "0badcafe-" + std::string(8, *t) : t);
            if (block.type != ColumnType::Number) block.numbers.clear();
            if (block.type != ColumnType::Time) block.times.clear();
            if (block.type != ColumnType::Text) block.codes.clear();
            Bytes bytes;
            BlockInfo info = encodeBlock(block, i % 2 ? Effort::Dense : Effort::Fast, bytes);
            for (std::size_t n = 1 + random() % 3; n > 0; --n)
                bytes[random() % bytes.size()] = static_cast<std::uint8_t>(random());
            info.checksum = checksumOf(bytes);
            const auto back = decodeBlock(bytes, block.type, rows + random() % 2, info);
            refused += back.has_value() ? 0 : 1;
            if (back) QVERIFY(back->rows() <= rows + 1);
            if (back && back->type == ColumnType::Text)
                for (std::size_t r = 0; r < back->rows(); ++r)
                    QVERIFY(back->missing(r) || back->codes[r] < back->pool.size());
        }
        QVERIFY(refused > 5'000);
    }

    void idsOfHexDigitsBecomeBytes_data() {
        QTest::addColumn<QByteArrayList>("forms");  // '#': a digit
        QTest::addColumn<double>("most");           // bytes a row
        QTest::newRow("uuid") << QByteArrayList{"########-####-4###-a###-############"} << 16.1;
        QTest::newRow("trace id") << QByteArrayList{"################################"} << 16.1;
        QTest::newRow("an odd number of digits") << QByteArrayList{"req-#########"} << 5.1;
        QTest::newRow("two forms") << QByteArrayList{"########-####", "####-########"} << 20.0;
        QTest::newRow("upper case at times") << QByteArrayList{"########-####", "########-###A"} << 20.0;
        QTest::newRow("short") << QByteArrayList{"###"} << 20.0;
    }
    void idsOfHexDigitsBecomeBytes() {
        QFETCH(QByteArrayList, forms);
        QFETCH(double, most);
        std::mt19937 random(8);
        ports::Column ids{"id", ColumnType::Text, {}, {}, {}, {}};
        for (std::uint32_t i = 0; i < kBlockRows; ++i) {
            std::string text = forms[static_cast<int>(i) % forms.size()].toStdString();
            for (char& c : text)
                if (c == '#') c = "0123456789abcdef"[random() % 16];
            ids.codes.push_back(i % 100 == 7 ? ports::Column::kMissingCode : i);
            ids.dictionary.push_back(text);
        }
        for (const Effort effort : {Effort::Fast, Effort::Dense}) {
            const EncodedColumn column = encoded(ids, effort);
            const auto blocks = decoded(column);
            PH_VERIFY(blocks);
            for (std::uint32_t i = 0; i < kBlockRows; ++i) {
                QCOMPARE(blocks->at(0).missing(i), ids.missing(i));
                QCOMPARE(blocks->at(0).text(i), ids.text(i));
            }
            const double each = double(column.header.blocks[0].bytes) / kBlockRows;
            QVERIFY2(each < most + 2.1, qPrintable(QString::number(each)));  // and codes, as some are missing
        }
    }

    void idsAreFound() {
        std::vector<std::pair<std::uint64_t, std::uint32_t>> entries;
        for (std::uint32_t i = 0; i < 10'000; ++i)
            entries.emplace_back(requestHash("R" + std::to_string(i / 2)), i);
        const Bytes bytes = IdIndex::build(entries).encode();
        QVERIFY2(bytes.size() < 10'000 * 7, qPrintable(QString::number(bytes.size())));
        const auto index = IdIndex::decode(bytes, 10'000);
        PH_VERIFY(index);
        for (std::uint32_t i = 0; i < 5'000; ++i) {
            std::vector<std::uint32_t> rows;
            index->find(requestHash("R" + std::to_string(i)), [&](std::uint32_t row) { rows.push_back(row); });
            QCOMPARE(rows, (std::vector<std::uint32_t>{2 * i, 2 * i + 1}));
        }
        int wrong = 0;
        for (int i = 0; i < 100'000; ++i)
            wrong += index->mayHold(requestHash("X" + std::to_string(i))) ? 1 : 0;
        QVERIFY(wrong <= 1);
        for (std::size_t n = 0; n < bytes.size(); n += 37) {
            QVERIFY(!IdIndex::decode(ByteView(bytes).first(n), 10'000));
            Bytes flipped = bytes;
            flipped[n] ^= 1;
            QVERIFY(!IdIndex::decode(flipped, 10'000));
        }
        QVERIFY(!IdIndex::decode(bytes, 9'999));
    }
};

QTEST_GUILESS_MAIN(TestColumnCodec)
#include "tst_column_codec.moc"
