// SPDX-License-Identifier: GPL-3.0-or-later
// A filter never hides a text that matches, and rules out nearly all others.
#include <QTest>
#include <random>

#include "models/predictions/column_codec.h"
#include "models/predictions/query_plan.h"
#include "models/predictions/text_coding.h"
#include "models/predictions/word_filter.h"
#include "tests/workspace/support.h"

using namespace pilothouse;
using namespace pilothouse::predictions;

namespace {

std::string randomText(std::mt19937& random, std::size_t most) {
    static const std::vector<std::string> kPieces{"gate", "Gate", "TIMEOUT", "über", "ÜBER", "straße", "K",  "k",
                                                  "ſ",    "s",    "_x",      "42",   "4",    "日本",   "é",  "É",
                                                  " ",    " ",    "-",       ".",    "\n",   "(",      "a",  "\"",
                                                  "İ",    "\xff", ":",       "/",    "x1",   "ff",     "Σς", "σ"};
    std::string text;
    for (std::size_t n = random() % (most + 1); n > 0; --n)
        text += kPieces[random() % kPieces.size()];
    return text;
}

}  // namespace

class TestWordFilter : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { test::failOnWarnings(); }

    void nothingThatMatchesIsHidden() {
        std::mt19937 random(3);
        int matches = 0;
        for (int i = 0; i < 30'000; ++i) {
            TextPool pool;
            for (int t = 0; t < 2; ++t)
                pool.add(randomText(random, 6));
            const std::string words = foldCase(randomText(random, 2));
            WordFilterBuilder builder;
            builder.add(pool, false);
            const Bytes bytes = builder.finish();
            std::vector<std::uint64_t> hashes;
            appendWordHashes(words, hashes);
            for (std::size_t t = 0; t < pool.size(); ++t) {
                if (!containsWords(pool.at(t), words)) continue;
                ++matches;
                QVERIFY2(mayHoldCharacters(charactersOf(pool), charactersOf(words)), words.c_str());
                const auto filter = WordFilter::decode(bytes, 1);
                PH_VERIFY(filter);
                QVERIFY2(filter->mayHold(0, hashes, 0), words.c_str());
            }
        }
        QVERIFY2(matches > 1'000, qPrintable(QString::number(matches)));
    }

    void fewBlocksAreReadInVain() {
        TextPool pool;
        for (int i = 0; i < 8'192; ++i)
            pool.add("worker scored batch " + std::to_string(i));
        WordFilterBuilder builder;
        builder.add(pool, false);
        const Bytes bytes = builder.finish();
        QVERIFY2(bytes.size() < 8'192 * 2, qPrintable(QString::number(bytes.size())));
        const auto filter = WordFilter::decode(bytes, 1);
        PH_VERIFY(filter);
        int wrong = 0;
        for (int i = 0; i < 100'000; ++i) {
            std::vector<std::uint64_t> hashes;
            appendWordHashes("absent" + std::to_string(i), hashes);
            wrong += filter->mayHold(0, hashes, 0) ? 1 : 0;
        }
        QVERIFY2(wrong < 600, qPrintable(QString::number(wrong)));
    }

    void idsAreHeldWhole() {
        TextPool pool;
        for (int i = 0; i < 100; ++i)
            pool.add("0badcafe-000000" + std::to_string(100 + i));
        WordFilterBuilder builder;
        builder.add(pool, true);
        const auto filter = WordFilter::decode(builder.finish(), 1);
        PH_VERIFY(filter);
        for (std::size_t i = 0; i < pool.size(); ++i)
            QVERIFY(filter->mayHold(0, {}, valueHash(pool.at(i))));
        QVERIFY(!filter->mayHold(0, {}, valueHash("0badcafe-000000999")));
        QVERIFY(filter->mayHold(0, std::vector<std::uint64_t>{1, 2}, 0));  // of its words it knows nothing
        QVERIFY(!mayHoldCharacters(charactersOf(pool), charactersOf("timeout")));
    }

    void substringsAreWhatWildcardsFind() {
        std::mt19937 random(5);
        int matches = 0, sought = 0;
        for (int i = 0; i < 20'000; ++i) {
            TextPool pool;
            for (int t = 0; t < 4; ++t)
                pool.add(randomText(random, 4));
            std::string pattern = "*" + randomText(random, 2) + "*";
            if (i % 10 == 0) pattern = i % 20 == 0 ? "*a\\*" : "*\\**";
            const std::string substring = soughtSubstring(pattern);
            if (substring.empty()) continue;
            ++sought;
            std::vector<std::uint8_t> hit(pool.size());
            markSubstring(pool, substring, hit);
            for (std::size_t t = 0; t < pool.size(); ++t) {
                QCOMPARE(hit[t] != 0, matchesWildcard(pattern, pool.at(t)));
                matches += hit[t];
            }
        }
        QVERIFY(sought > 5'000);
        QVERIFY(matches > 1'000);
        QCOMPARE(soughtSubstring("*a?b*"), std::string());
        QCOMPARE(soughtSubstring("**"), std::string());
        QCOMPARE(soughtSubstring("a*"), std::string());
        QCOMPARE(soughtSubstring("*a\\*b*"), std::string("a*b"));
    }

    void trigramsHideNothingThatHoldsTheSubstring() {
        std::mt19937 random(7);
        int matches = 0, hidden = 0;
        for (int i = 0; i < 20'000; ++i) {
            TextPool pool;
            for (int t = 0; t < 3; ++t)
                pool.add(randomText(random, 4));
            const std::string sought = randomText(random, 3);
            std::vector<std::uint16_t> trigrams;
            appendTrigrams(sought, trigrams);
            WordFilterBuilder builder;
            builder.add(pool, false);
            const auto filter = WordFilter::decode(builder.finish(), 1);
            PH_VERIFY(filter);
            bool there = false;
            for (std::size_t t = 0; t < pool.size(); ++t)
                there |= pool.at(t).find(sought) != std::string_view::npos;
            const bool may = filter->mayHold(0, {}, 0, trigrams);
            QVERIFY2(may || !there, sought.c_str());
            matches += there ? 1 : 0;
            hidden += may ? 0 : 1;
        }
        QVERIFY2(matches > 1'000, qPrintable(QString::number(matches)));
        QVERIFY2(hidden > 5'000, qPrintable(QString::number(hidden)));
    }

    /// What stands in words of the block is ruled out by its trigrams, and the map is small for few texts.
    void substringsThatAreNowhereAreRuledOut() {
        TextPool pool;
        for (int i = 0; i < 8'192; ++i)
            pool.add("worker scored batch " + std::to_string(i * 37));
        const std::vector<std::uint64_t> map = trigramMap(pool);
        QVERIFY(!map.empty());
        int wrong = 0;
        for (int i = 0; i < 10'000; ++i) {
            std::vector<std::uint16_t> trigrams;
            std::string sought(6, 'a');
            for (std::size_t c = 0, n = static_cast<std::size_t>(i) * 2'654'435'761U; c < sought.size(); ++c, n /= 7)
                sought[c] = static_cast<char>('a' + (n + c * c) % 26);
            appendTrigrams(sought, trigrams);
            wrong += mayHoldTrigrams(map, trigrams) ? 1 : 0;
        }
        QVERIFY2(wrong < 200, qPrintable(QString::number(wrong)));
        TextPool few;
        few.add("ok");
        few.add("timeout");
        QCOMPARE(trigramMap(few).size(), std::size_t(1));
        TextPool noise;  // every trigram there is
        std::mt19937 random(1);
        std::string text(60'000, ' ');
        for (int t = 0; t < 8; ++t) {
            for (char& c : text)
                c = static_cast<char>(random());
            noise.add(text);
        }
        QVERIFY(trigramMap(noise).empty());
        QVERIFY(mayHoldTrigrams({}, std::vector<std::uint16_t>{1, 2}));
    }

    /// A filter as it was written before there were trigrams.
    void filtersWithoutTrigramsAreRead() {
        Bytes bytes;
        ByteWriter out(bytes);
        out.put(std::uint32_t{0x31574850});
        out.put(std::uint32_t{2});
        out.put(std::uint32_t{0});
        out.put(std::uint32_t{1});
        out.put(std::uint64_t{0});
        out.put(checksumOf(bytes));
        const auto filter = WordFilter::decode(bytes, 2);
        PH_VERIFY(filter);
        const std::vector<std::uint64_t> words{5};
        const std::vector<std::uint16_t> trigrams{7};
        QVERIFY(filter->mayHold(0, words, 0, trigrams));
        QVERIFY(filter->mayHold(1, {}, 0, trigrams));
        QVERIFY(!filter->mayHold(1, words, 0, trigrams));
    }

    void wordsAreFoundInAllTextsAtOnce() {
        std::mt19937 random(9);
        int matches = 0;
        for (int i = 0; i < 20'000; ++i) {
            TextPool pool;
            const bool plain = i % 2 == 0;
            for (int t = 0; t < 4; ++t) {
                std::string text = randomText(random, 5);
                if (plain) std::erase_if(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
                pool.add(text);
            }
            const std::string words = foldCase(randomText(random, 2));
            std::vector<std::uint8_t> hit(pool.size());
            markWords(pool, words, hit);
            for (std::size_t t = 0; t < pool.size(); ++t) {
                QCOMPARE(hit[t] != 0, containsWords(pool.at(t), words));
                matches += hit[t];
            }
        }
        QVERIFY2(matches > 1'000, qPrintable(QString::number(matches)));
    }

    void damageIsRefused() {
        TextPool pool;
        pool.add("gate timeout");
        WordFilterBuilder builder;
        builder.add(pool, false);
        const Bytes bytes = builder.finish();
        for (std::size_t n = 0; n < bytes.size(); ++n) {
            QVERIFY(!WordFilter::decode(ByteView(bytes).first(n), 1));
            Bytes flipped = bytes;
            flipped[n] ^= 16;
            QVERIFY(!WordFilter::decode(flipped, 1));
        }
        QVERIFY(!WordFilter::decode(bytes, 2));
    }
};

QTEST_GUILESS_MAIN(TestWordFilter)
#include "tst_word_filter.moc"
