#include "tests/bench/text.hpp"

#include <cmath>
#include <random>

#include "tests/bench/system.hpp"

namespace hubbub::bench {

namespace {

constexpr std::size_t number_bytes = 16;    ///< four bits each
constexpr std::size_t texts = 4096;         ///< as many as text_of() can choose from
constexpr std::size_t vocabulary = 20'000;  ///< words, the frequent ones first
constexpr char digits[] = "!\"#$%&'()+,-./:;";

void write_number(char* at, std::uint64_t number) {
  for (std::size_t i = number_bytes; i-- > 0; number >>= 4) at[i] = digits[number & 15];
}

std::uint64_t read_number(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const char c : bytes.substr(0, number_bytes)) {
    const auto digit = std::string_view(digits).find(c);
    if (digit == std::string_view::npos) throw Failed("a body came with another content than it was sent with");
    number = number << 4 | digit;
  }
  return number;
}

/// One that can be spoken: consonant, vowel, consonant …
std::string word(std::size_t rank) {
  std::string letters;
  for (auto rest = rank + 19; rest > 0; rest /= 95) {
    letters += "bcdfghklmnprstvwxyz"[rest % 95 / 5];
    letters += "aeiou"[rest % 5];
  }
  return letters;
}

/// By Zipf's law: the word of rank r about 1/r as often as the first.
std::size_t draw_rank(std::mt19937_64& random) {
  const auto share = std::uniform_real_distribution<double>(0, 1)(random);
  return static_cast<std::size_t>(std::pow(static_cast<double>(vocabulary), share)) - 1;
}

}  // namespace

TextBodies::TextBodies(std::size_t body_bytes) {
  if (body_bytes <= number_bytes) throw Failed("a text needs a larger body");
  std::mt19937_64 random(body_bytes);
  for (std::size_t i = 0; i < texts; ++i) {
    std::string text(number_bytes, digits[0]);
    while (text.size() < body_bytes) text += word(draw_rank(random)) + " ";
    text.resize(body_bytes);
    texts_.push_back(std::move(text));
  }
}

std::string_view TextBodies::make(std::uint64_t number) {
  auto& text = texts_[text_of(number)];
  write_number(text.data(), number);
  return text;
}

std::uint64_t TextBodies::number_in(std::string_view body) const {
  const auto number = read_number(body);
  if (body.size() <= number_bytes ||
      body.substr(number_bytes) != std::string_view(texts_[text_of(number)]).substr(number_bytes))
    throw Failed("a body came with another content than it was sent with");
  return number;
}

}  // namespace hubbub::bench
