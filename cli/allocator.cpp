/// @file
/// How jemalloc is to work in this process; it looks for this name. See docs/adr/0007.

extern "C" {
// One arena, so that memory which Kafka's thread frees is there for the thread that fills the next
// messages. Small caches a thread: a relay's peak memory is a figure that users plan with.
extern const char* malloc_conf;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
const char* malloc_conf = "narenas:1,lg_tcache_max:12";  // NOLINT: jemalloc's type
}
