// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <fstream>

#include "models/predictions/file_table.h"

using namespace pilothouse;
using namespace pilothouse::predictions;

class FileTableTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void readsCsvWithItsMissingWords();
    void readsJsonLinesOfMixedTypes();
    void readsBareWordsOfPython();
    void leavesRowsOutThatCannotBeUsed();
    void columnsMayComeLate();
    void namesWhatIsWrong_data();
    void namesWhatIsWrong();
    void anEmptyFileHasNoRows();
    void takesACsvOfOneColumn();
    void boundsDifferentTexts();

private:
    std::string write(const char* name, const std::string& text) {
        const std::string path = m_dir.filePath(QLatin1String(name)).toStdString();
        std::ofstream(path, std::ios::binary) << text;
        return path;
    }
    Result<FileTable> read(const char* name, const std::string& text) { return readTable(write(name, text), {}); }
    QTemporaryDir m_dir;
};

static std::string textOf(const FileColumn& c, std::size_t row) {
    return c.codes.empty() || c.codes[row] == ports::Column::kMissingCode ? "-" : c.dictionary[c.codes[row]];
}

void FileTableTest::readsCsvWithItsMissingWords() {
    const auto table = read("a.csv", "x,word,gone\r\n1.5,a,NA\n,NaN,\ninf,\"b,c\",\n-2,a,null\n");
    QVERIFY(table.has_value());
    QCOMPARE(table->rows, 4u);
    QCOMPARE(table->format, RowFormat::Csv);
    QCOMPARE(table->columns.size(), 3u);
    const FileColumn& x = table->columns[0];
    QCOMPARE(x.numbers[0], 1.5);
    QVERIFY(std::isnan(x.numbers[1]));
    QVERIFY(std::isinf(x.numbers[2]));
    QCOMPARE(x.numbers[3], -2.0);
    QCOMPARE(x.numberCount, 3u);
    QCOMPARE(x.textCount, 0u);
    const FileColumn& word = table->columns[1];
    QCOMPARE(textOf(word, 0), "a");
    QCOMPARE(textOf(word, 1), "-");
    QCOMPARE(textOf(word, 2), "b,c");
    QCOMPARE(word.textCount, 3u);
    QCOMPARE(table->columns[2].numbers.size(), 4u);
    QCOMPARE(table->columns[2].numberCount + table->columns[2].textCount, 0u);
}

void FileTableTest::readsJsonLinesOfMixedTypes() {
    const auto table = read("a.jsonl",
                            "{\"n\":1,\"b\":true,\"in\":{\"s\":\"x\"}}\n"
                            "{\"n\":\"one\",\"b\":false,\"in\":{\"s\":null}}\n"
                            "{\"n\":2,\"n\":3}\n");
    QVERIFY(table.has_value());
    QCOMPARE(table->rows, 3u);
    const FileColumn* n = table->find("n");
    QVERIFY(n);
    QCOMPARE(n->numberCount, 2u);
    QCOMPARE(n->textCount, 1u);
    QCOMPARE(n->numbers[2], 3.0);  // the last one counts
    QCOMPARE(textOf(*n, 1), "one");
    QCOMPARE(textOf(*n, 2), "-");
    QCOMPARE(table->find("b")->booleanCount, 2u);
    QCOMPARE(textOf(*table->find("in.s"), 0), "x");
    QCOMPARE(textOf(*table->find("in.s"), 1), "-");
}

void FileTableTest::readsBareWordsOfPython() {
    const auto table =
        read("a.jsonl", "{\"x\":NaN,\"y\":1}\n{\"x\": Infinity, \"y\":2}\n{\"y\":3,\"x\":-Infinity}\n{\"x\":nope}\n");
    QVERIFY(table.has_value());
    QCOMPARE(table->rows, 3u);
    const FileColumn& x = *table->find("x");
    QVERIFY(std::isnan(x.numbers[0]));
    QVERIFY(std::isinf(x.numbers[1]) && x.numbers[1] > 0);
    QVERIFY(std::isinf(x.numbers[2]) && x.numbers[2] < 0);
    QCOMPARE(table->find("y")->numbers[2], 3.0);
    QCOMPARE(table->unusable, 1u);
}

void FileTableTest::leavesRowsOutThatCannotBeUsed() {
    const auto table = read("a.jsonl", "{\"x\":1}\n{\"x\":2,\"y\":\"w\",}\n{\"x\":3}\n");
    QVERIFY(table.has_value());
    QCOMPARE(table->rows, 2u);
    QCOMPARE(table->unusable, 1u);
    QVERIFY(table->firstUnusable.starts_with("line 2: not JSON"));
    QCOMPARE(table->find("x")->numbers, (std::vector<double>{1, 3}));

    const auto csv = read("b.csv", "x,y\n1,2\n3\n4,5\n");
    QVERIFY(csv.has_value());
    QCOMPARE(csv->rows, 2u);
    QVERIFY(csv->firstUnusable.starts_with("line 3: not as many fields"));
    QCOMPARE(csv->find("y")->numbers, (std::vector<double>{2, 5}));
}

void FileTableTest::columnsMayComeLate() {
    const auto table = read("a.jsonl", "{\"x\":1}\n{\"x\":2,\"late\":\"w\"}\n{\"later\":7}\n");
    QVERIFY(table.has_value());
    QCOMPARE(table->columns.size(), 3u);
    for (const FileColumn& c : table->columns)
        QCOMPARE(c.numbers.size(), 3u);
    QCOMPARE(textOf(*table->find("late"), 0), "-");
    QCOMPARE(textOf(*table->find("late"), 1), "w");
    QCOMPARE(table->find("later")->numbers[2], 7.0);
    QVERIFY(std::isnan(table->find("x")->numbers[2]));
}

void FileTableTest::namesWhatIsWrong_data() {
    QTest::addColumn<std::string>("text");
    QTest::addColumn<std::string>("message");
    QTest::newRow("binary") << std::string(
                                   "\x7f"
                                   "ELF\0\0,",
                                   7)
                            << std::string("binary");
    QTest::newRow("array") << std::string("[{\"x\":1}]\n") << std::string("JSON array");
    QTest::newRow("twice") << std::string("a,b,a\n1,2,3\n") << std::string("twice");
    QTest::newRow("header") << "a," + std::string(17 << 20, 'x') + "\n1,2\n" << std::string("longer than 16 MiB");
    QTest::newRow("no row") << std::string("{\"x\":\n{\"x\":oh}\n") << std::string("no row that can be used");
}

void FileTableTest::namesWhatIsWrong() {
    QFETCH(std::string, text);
    QFETCH(std::string, message);
    const auto table = read("bad.txt", text);
    QVERIFY(!table.has_value());
    QVERIFY2(table.error().message.find(message) != std::string::npos, table.error().message.c_str());
    QVERIFY(table.error().source.find("bad.txt") != std::string::npos);
    QVERIFY(!readTable(m_dir.filePath(QStringLiteral("none.csv")).toStdString(), {}).has_value());
}

void FileTableTest::anEmptyFileHasNoRows() {
    const auto table = read("empty.jsonl", "");
    QVERIFY(table.has_value());
    QCOMPARE(table->rows, 0u);
    QVERIFY(table->columns.empty());
    const auto header = read("header.csv", "a,b\n");
    QVERIFY(header.has_value());
    QCOMPARE(header->rows, 0u);
    QCOMPARE(header->columns.size(), 2u);
}

void FileTableTest::takesACsvOfOneColumn() {
    const auto table = read("one.csv", "x\n1\n2\n");
    QVERIFY(table.has_value());
    QCOMPARE(table->find("x")->numbers, (std::vector<double>{1, 2}));
}

void FileTableTest::boundsDifferentTexts() {
    std::string text = "word,n\n";
    const std::size_t rows = (std::size_t{1} << 20) + 10;
    for (std::size_t i = 0; i < rows; ++i)
        text += "w" + std::to_string(i) + ",1\n";
    text += "w5,1\n";
    const auto table = read("many.csv", text);
    QVERIFY(table.has_value());
    const FileColumn& word = *table->find("word");
    QVERIFY(word.overflowed);
    QCOMPARE(word.dictionary.size(), (std::size_t{1} << 20) + 1);
    QCOMPARE(word.textCount, rows + 1);
    QCOMPARE(textOf(word, rows - 1), "(other texts)");
    QCOMPARE(textOf(word, rows), "w5");
}

QTEST_APPLESS_MAIN(FileTableTest)
#include "tst_file_table.moc"
