#include "kafka/incoming.hpp"

namespace onceward::kafka {

std::optional<std::string> bytes_of(const void* data, std::size_t size) {
    if (data == nullptr) return std::nullopt;
    return std::string(static_cast<const char*>(data), size);
}

std::vector<header> headers_of(const rd_kafka_message_t& m) {
    std::vector<header> all;
    rd_kafka_headers_t* list = nullptr;
    if (rd_kafka_message_headers(&m, &list) != RD_KAFKA_RESP_ERR_NO_ERROR) return all;
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    for (std::size_t i = 0;
         rd_kafka_header_get_all(list, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
         ++i) {
        all.push_back({name, bytes_of(value, size).value_or("")});
    }
    return all;
}

}  // namespace onceward::kafka
