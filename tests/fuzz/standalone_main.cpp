// SPDX-License-Identifier: GPL-3.0-or-later
// fuzz_NAME [--iterations N] [--only I] CORPUS…: runs the target over every seed, then over N mutations of them.
// Mutation I depends on I and the seeds alone, so that a finding comes again; --only writes it to standard output and
// runs it.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "tests/fuzz/fuzz.h"

namespace {

using Input = std::vector<std::uint8_t>;
using Random = std::mt19937_64;

constexpr std::size_t kMaxBytes = 64 * 1024;
constexpr unsigned kSecondsAnInput = 60;  // a hang is a finding, too

std::array<char, 512> g_current{};  // what runs now, for the signal handler

void report(int signal) {
    const char* what = signal == SIGALRM ? "took too long: " : "crashed on: ";
    // Only write() may be used here.
    if (::write(STDERR_FILENO, what, std::strlen(what)) < 0 ||
        ::write(STDERR_FILENO, g_current.data(), std::strlen(g_current.data())) < 0 ||
        ::write(STDERR_FILENO, "\n", 1) < 0)
        ::_exit(1);
    ::signal(signal, SIG_DFL);
    ::raise(signal);
}

void run(const Input& input, const std::string& name) {
    std::snprintf(g_current.data(), g_current.size(), "%s", name.c_str());
    ::alarm(kSecondsAnInput);
    // A copy of exactly its size, so that a read past the end is one the sanitizer sees.
    const Input exact(input);
    LLVMFuzzerTestOneInput(exact.data(), exact.size());
    ::alarm(0);
}

std::size_t below(Random& random, std::size_t bound) { return bound ? static_cast<std::size_t>(random() % bound) : 0; }

void mutateOnce(Input& input, const std::vector<Input>& seeds, Random& random) {
    static constexpr std::array<std::uint8_t, 20> kTelling{0,   1,   0x7f, 0x80, 0xff, '\n', '\r', '"', '\'', '\\',
                                                           '{', '}', '[',  ']',  ':',  ',',  '-',  '.', '0',  '9'};
    const std::size_t at = below(random, input.size() + 1);
    const std::size_t length = std::min(input.size() - at, 1 + below(random, 32));
    const auto place = input.begin() + static_cast<std::ptrdiff_t>(at);
    switch (random() % 7) {
        case 0:  // flip a bit
            if (at < input.size()) input[at] ^= static_cast<std::uint8_t>(1U << (random() % 8));
            break;
        case 1:  // a telling byte over another
            if (at < input.size()) input[at] = kTelling[below(random, kTelling.size())];
            break;
        case 2:  // and between two
            input.insert(place, kTelling[below(random, kTelling.size())]);
            break;
        case 3:  // leave out
            input.erase(place, place + static_cast<std::ptrdiff_t>(length));
            break;
        case 4: {  // say it again
            const Input part(place, place + static_cast<std::ptrdiff_t>(length));
            const std::size_t times = 1 + below(random, 8);
            for (std::size_t i = 0; i < times; ++i)
                input.insert(input.begin() + static_cast<std::ptrdiff_t>(at), part.begin(), part.end());
            break;
        }
        case 5: {  // go on as another seed does
            const Input& other = seeds[below(random, seeds.size())];
            const std::size_t from = below(random, other.size() + 1);
            input.resize(at);
            input.insert(input.end(), other.begin() + static_cast<std::ptrdiff_t>(from), other.end());
            break;
        }
        default:  // end here, now and then
            if (random() % 4 == 0) input.resize(at);
            break;
    }
    if (input.size() > kMaxBytes) input.resize(kMaxBytes);
}

Input mutation(std::uint64_t index, const std::vector<Input>& seeds) {
    Random random(index * 0x9E3779B97F4A7C15ULL + 1);
    Input input = seeds[below(random, seeds.size())];
    const std::size_t steps = 1 + below(random, 8);
    for (std::size_t i = 0; i < steps; ++i)
        mutateOnce(input, seeds, random);
    return input;
}

struct Seed {
    std::string name;
    Input bytes;
};

std::vector<Seed> readSeeds(const std::vector<std::string>& folders) {
    std::vector<std::string> paths;
    for (const std::string& folder : folders)
        for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
            if (entry.is_regular_file()) paths.push_back(entry.path().string());
    std::sort(paths.begin(), paths.end());
    std::vector<Seed> out;
    for (const std::string& path : paths) {
        std::ifstream file(path, std::ios::binary);
        out.push_back({path, Input(std::istreambuf_iterator<char>(file), {})});
    }
    return out;
}

}  // namespace

int main(int argc, char** argv) {
    std::uint64_t iterations = 1'000;
    long long only = -1;
    std::vector<std::string> folders;
    for (int i = 1; i < argc; ++i) {
        const std::string argument = argv[i];
        if (argument == "--iterations" && i + 1 < argc)
            iterations = std::stoull(argv[++i]);
        else if (argument == "--only" && i + 1 < argc)
            only = std::stoll(argv[++i]);
        else
            folders.push_back(argument);
    }
    const std::vector<Seed> seeds = readSeeds(folders);
    if (seeds.empty()) {
        std::cerr << "no seeds: name a folder with inputs\n";
        return 64;
    }
    for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGALRM})
        ::signal(signal, report);
    std::vector<Input> inputs;
    inputs.reserve(seeds.size());
    for (const Seed& seed : seeds)
        inputs.push_back(seed.bytes);
    if (only >= 0) {
        const Input input = mutation(static_cast<std::uint64_t>(only), inputs);
        std::cout.write(reinterpret_cast<const char*>(input.data()), static_cast<std::streamsize>(input.size()));
        std::cout.flush();
        run(input, "--only " + std::to_string(only));
        return 0;
    }
    run({}, "nothing");
    for (const Seed& seed : seeds)
        run(seed.bytes, seed.name);
    for (std::uint64_t i = 0; i < iterations; ++i)
        run(mutation(i, inputs), "--only " + std::to_string(i));
    std::cout << seeds.size() << " seeds and " << iterations << " mutations\n";
    return 0;
}
