{
  "variables": {
    "napi_include%": "<!(node src/locate.cjs napi)",
    "rdkafka_include%": "<!(node src/locate.cjs include)",
    "rdkafka_library%": "<!(node src/locate.cjs library)",
    "rdkafka_rpath%": "<!(node src/locate.cjs rpath)"
  },
  "target_defaults": {
    "include_dirs": ["<(napi_include)"],
    "defines": [
      "NAPI_VERSION=9",
      "NODE_ADDON_API_DISABLE_DEPRECATED",
      "NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS",
      "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"
    ],
    "cflags_cc!": ["-fno-rtti"],
    "conditions": [
      [
        "OS=='mac'",
        {
          "xcode_settings": {
            "CLANG_CXX_LANGUAGE_STANDARD": "c++20",
            "GCC_SYMBOLS_PRIVATE_EXTERN": "YES",
            "MACOSX_DEPLOYMENT_TARGET": "11.0"
          }
        }
      ]
    ]
  },
  "targets": [
    {
      "target_name": "millrace",
      "sources": [
        "src/addon.cc",
        "src/client_registry.cc",
        "src/message_object.cc",
        "src/mock_cluster.cc",
        "src/outgoing_message.cc",
        "src/partition_queue.cc",
        "src/partition_queues.cc",
        "src/plugin.cc",
        "src/request_answers.cc",
        "src/requests.cc",
        "src/settings.cc",
        "src/slab_producer.cc",
        "src/sockets.cc",
        "src/tickets.cc",
        "src/wake_up.cc"
      ],
      "cflags_cc": ["-isystem", "<(rdkafka_include)", "-std=c++20", "-Wall", "-Wextra", "-fvisibility=hidden"],
      "libraries": ["<(rdkafka_library)"],
      "conditions": [
        [
          "OS=='linux'",
          {
            "ldflags": ["-Wl,-rpath,'$$ORIGIN/<(rdkafka_rpath)'"]
          }
        ],
        [
          "OS=='mac'",
          {
            "xcode_settings": {
              "OTHER_CPLUSPLUSFLAGS": ["-isystem", "<(rdkafka_include)"],
              "OTHER_LDFLAGS": ["-Wl,-rpath,@loader_path/<(rdkafka_rpath)"]
            }
          }
        ]
      ]
    },
    {
      "target_name": "millrace_avro",
      "sources": [
        "src/avro/addon.cc",
        "src/avro/batch_walker.cc",
        "src/avro/schema_program.cc",
        "src/avro/stack.cc",
        "src/avro/utf8.cc",
        "src/avro/walker.cc"
      ],
      "cflags_cc": ["-std=c++20", "-Wall", "-Wextra", "-fvisibility=hidden"]
    }
  ]
}
