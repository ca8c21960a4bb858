// The methods of the service `sum`: what callers and the provider share.
#pragma once

#include <cereal/cereal.hpp>
#include <cstdint>
#include <string_view>

struct Add {
  static constexpr std::string_view name = "sum.add";
  static constexpr bool repeatable = true;
  std::int64_t a = 0, b = 0;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(a), CEREAL_NVP(b));
  }
  struct Reply {
    std::int64_t sum = 0;
    template <class Archive>
    void serialize(Archive& ar) {
      ar(CEREAL_NVP(sum));
    }
  };
};
