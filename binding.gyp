{
  "variables": {
    "napi_include%": "<!(node src/locate.cjs napi)",
    "rdkafka_include%": "<!(node src/locate.cjs include)",
    "rdkafka_library%": "<!(node src/locate.cjs library)",
    "rdkafka_rpath%": "<!(node src/locate.cjs rpath)"
  },
  "targets": [
    {
      "target_name": "millrace",
      "sources": [
        "src/addon.cc",
        "src/client_registry.cc",
        "src/mock_cluster.cc",
        "src/partition_queue.cc",
        "src/partition_queues.cc",
        "src/plugin.cc",
        "src/request_answers.cc",
        "src/requests.cc",
        "src/settings.cc",
        "src/slab_producer.cc",
        "src/tickets.cc",
        "src/wake_up.cc"
      ],
      "include_dirs": ["<(napi_include)"],
      "defines": [
        "NAPI_VERSION=9",
        "NODE_ADDON_API_DISABLE_DEPRECATED",
        "NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS",
        "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"
      ],
      "cflags_cc!": ["-fno-rtti"],
      "cflags_cc": ["-isystem", "<(rdkafka_include)", "-std=c++20", "-Wall", "-Wextra", "-fvisibility=hidden"],
      "libraries": ["<(rdkafka_library)"],
      "conditions": [
        ["OS=='linux'", { "ldflags": ["-Wl,-rpath,'$$ORIGIN/<(rdkafka_rpath)'"] }],
        [
          "OS=='mac'",
          {
            "xcode_settings": {
              "CLANG_CXX_LANGUAGE_STANDARD": "c++20",
              "GCC_SYMBOLS_PRIVATE_EXTERN": "YES",
              "MACOSX_DEPLOYMENT_TARGET": "11.0",
              "OTHER_CPLUSPLUSFLAGS": ["-isystem", "<(rdkafka_include)"],
              "OTHER_LDFLAGS": ["-Wl,-rpath,@loader_path/<(rdkafka_rpath)"]
            }
          }
        ]
      ]
    }
  ]
}
