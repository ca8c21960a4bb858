// How the publishes of producers lie in a column: `runs` of a batch, `recent` of a producer.
//   runs    run*; run: client (16 bytes) epoch first at n, then n hashes of 8 bytes
//   recent  (distance to the seq before, hash)*
// Numbers without a size are varints: seven bits a byte, the lowest first, the top bit says that another follows. The
// columns of two batches, put together, are the column of both.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "server/log/records.hpp"

namespace hubbub::server::sqlite {

void append_runs(std::string& column, std::span<const PublishRun> runs);
std::string encode_recent(std::span<const KeptProducer::Taken> recent);

/// Total: nothing unless the bytes are exactly what the functions above write. Takes memory in proportion to `column`.
std::optional<std::vector<PublishRun>> decode_runs(std::string_view column);
std::optional<std::vector<KeptProducer::Taken>> decode_recent(std::string_view column);

}  // namespace hubbub::server::sqlite
