// The addon as a librdkafka plugin: a client created with `plugin.library.paths=<this file>` is captured.
#pragma once

#include <librdkafka/rdkafka.h>

// Called by librdkafka for every configuration that names this library.
extern "C" __attribute__((visibility("default"))) rd_kafka_resp_err_t conf_init(rd_kafka_conf_t* conf, void** opaque,
                                                                                char* error, size_t error_size);
