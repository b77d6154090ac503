#include "http/request_reader.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace onceward::http {

namespace {

constexpr std::string_view head_end = "\r\n\r\n";
constexpr std::array<std::string_view, 5> kept_headers{"authorization", "content-length",
                                                       "content-type", "accept", "host"};

constexpr int bad_request = 400;
constexpr int too_large = 413;
constexpr int target_too_long = 414;
constexpr int unsupported_content = 415;
constexpr int headers_too_large = 431;
constexpr int not_implemented = 501;
constexpr int wrong_version = 505;

bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}

bool is_alphanumeric(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || is_upper(c);
}

/// RFC 9110, "token".
bool is_token(std::string_view text) {
    constexpr std::string_view others = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::ranges::all_of(text, [&](char c) {
        return is_alphanumeric(c) || others.find(c) != std::string_view::npos;
    });
}

bool is_printable(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte != 0x7f) || c == '\t';
}

bool is_target(std::string_view text) {
    return text.starts_with('/') &&
           std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
    return out;
}

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// Cuts the first line off; lines end with CR LF, and the last one of a head is empty.
std::string_view next_line(std::string_view& rest) {
    const std::size_t end = rest.find("\r\n");
    const auto line = rest.substr(0, end);
    rest.remove_prefix(end + 2);
    return line;
}

}  // namespace

request_reader::state request_reader::take(std::string_view bytes) {
    if (status_ != 0) return state::refused;
    const std::size_t before = bytes_.size();
    bytes_.append(bytes);
    if (head_size_ == 0) {
        const std::size_t searched = before < head_end.size() ? 0 : before - head_end.size() + 1;
        const std::size_t found = bytes_.find(head_end, searched);
        const bool fits = found != std::string::npos && found <= limits_.head_bytes;
        if (!fits && bytes_.size() > limits_.head_bytes) return refuse(headers_too_large);
        if (!fits) return state::more;
        head_size_ = found + head_end.size();
        if (const int s = read_head(std::string_view(bytes_).substr(0, found + 2)); s != 0)
            return refuse(s);
    }
    return bytes_.size() < head_size_ + body_size_ ? state::more : state::whole;
}

request_reader::state request_reader::refuse(int status) {
    status_ = status;
    return state::refused;
}

int request_reader::read_head(std::string_view head) {
    if (const int s = read_request_line(next_line(head)); s != 0) return s;
    std::size_t count = 0;
    while (!head.empty()) {
        if (++count > limits_.headers) return headers_too_large;
        if (const int s = read_header(next_line(head)); s != 0) return s;
    }
    return check_headers();
}

int request_reader::read_request_line(std::string_view line) {
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) return bad_request;
    const auto version = line.substr(last + 1);
    method_ = line.substr(0, first);
    target_ = line.substr(first + 1, last - first - 1);
    if (target_.size() > limits_.target_bytes) return target_too_long;
    if (!std::ranges::all_of(method_, is_upper) || method_.empty()) return bad_request;
    if (!is_target(target_)) return bad_request;
    is_http_1_1_ = version == "HTTP/1.1";
    if (is_http_1_1_ || version == "HTTP/1.0") return 0;
    return version.starts_with("HTTP/") ? wrong_version : bad_request;
}

int request_reader::read_header(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return bad_request;
    const auto value = trimmed(line.substr(colon + 1));
    if (!std::ranges::all_of(value, is_printable)) return bad_request;
    headers_.emplace(lower(line.substr(0, colon)), value);
    return 0;
}

int request_reader::check_headers() {
    if (headers_.contains("transfer-encoding")) return not_implemented;
    if (headers_.contains("content-encoding")) return unsupported_content;
    const auto type = headers_.find("content-type");
    // cpp-httplib would take it apart with regular expressions that recurse for each character.
    if (type != headers_.end() && lower(type->second).starts_with("multipart/"))
        return unsupported_content;
    const std::size_t hosts = headers_.count("host");
    if (hosts > 1 || (is_http_1_1_ && hosts == 0)) return bad_request;
    for (const char* once : {"authorization", "content-length", "content-type"}) {
        if (headers_.count(once) > 1) return bad_request;
    }
    return check_length();
}

int request_reader::check_length() {
    const auto given = headers_.find("content-length");
    if (given == headers_.end()) return 0;  // RFC 9112: then there is no body
    const std::string& text = given->second;
    const bool is_number =
        !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
    if (!is_number) return bad_request;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), body_size_);
    if (error != std::errc{} || body_size_ > limits_.body_bytes) return too_large;
    return body_size_ > 0 && method_ != "POST" ? bad_request : 0;
}

std::string request_reader::clean_text() const {
    std::string out = method_ + ' ' + target_ + " HTTP/1.1\r\n";
    for (const auto name : kept_headers) {
        if (name == "content-length") continue;
        const auto found = headers_.find(std::string(name));
        if (found == headers_.end()) continue;
        out.append(name).append(": ").append(found->second).append("\r\n");
    }
    if (method_ == "POST") out += "content-length: " + std::to_string(body_size_) + "\r\n";
    return out + "\r\n" + bytes_.substr(head_size_, body_size_);
}

}  // namespace onceward::http
