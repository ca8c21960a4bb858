# What `cmake --install` gives to those who write clients: find_package(hubbub), targets hubbub::link and, for services with
# types, hubbub::json; headers under include/hubbub with the same paths as here.
include(CMakePackageConfigHelpers)

set(hubbub_package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/hubbub)
set_target_properties(hubbub_link PROPERTIES EXPORT_NAME link OUTPUT_NAME hubbub)
target_include_directories(hubbub_link INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/hubbub>)

install(TARGETS hubbub_link hubbub_json hubbub_json_text hubbub_common hubbub_proto hubbub_settings EXPORT hubbubTargets
        COMPONENT library)
install(EXPORT hubbubTargets NAMESPACE hubbub:: DESTINATION ${hubbub_package_folder} COMPONENT library)

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/hubbubConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/hubbubConfig.cmake
                              INSTALL_DESTINATION ${hubbub_package_folder})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/hubbubConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/hubbubConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/hubbubConfigVersion.cmake
        DESTINATION ${hubbub_package_folder} COMPONENT library)

# What link.hpp, outboxes.hpp, ring.hpp and their companions include, and no more: the rest is the library's own.
set(hubbub_headers ${CMAKE_INSTALL_INCLUDEDIR}/hubbub)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/proto DESTINATION ${hubbub_headers} COMPONENT library
        FILES_MATCHING PATTERN "*.hpp")
foreach(header common/address common/asio common/descriptor common/time_text client/json/argument client/json/base64
        client/json/hex client/json/json_archive client/json/service client/link/amendments client/link/blocking client/link/found
        client/link/identity client/link/link client/link/location client/link/outbox/frame_file client/link/outbox/outbox client/link/outbox/outboxes
        client/link/offers client/link/outbox/sqlite client/link/replies client/link/ring client/link/service_receipt
        client/link/trace client/link/types)
  get_filename_component(folder ${header} DIRECTORY)
  install(FILES ${PROJECT_SOURCE_DIR}/${header}.hpp DESTINATION ${hubbub_headers}/${folder} COMPONENT library)
endforeach()
