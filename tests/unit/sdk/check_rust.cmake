# cmake -DSDK=sdk -DWORK=folder -DCARGO=cargo -DTENON=tenon -P check_rust.cmake
#
# The Rust template, built against the crate and looked over.
file(REMOVE_RECURSE ${WORK})
file(COPY ${SDK}/template-rust/ DESTINATION ${WORK})
file(READ ${WORK}/Cargo.toml lists)
string(REPLACE "@RUST_CRATE@" "${SDK}/rust" lists "${lists}")
file(WRITE ${WORK}/Cargo.toml "${lists}")
set(library ${WORK}/target/release/libhello.so)
foreach(command "${CARGO};build;--offline;--release;--manifest-path;${WORK}/Cargo.toml;--target-dir;${WORK}/target"
    "${TENON};plugin;check;${library}" "${TENON};plugin;run;${library};greet;{\"name\":\"Ada\"}")
  execute_process(COMMAND ${command} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE errors)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${command} failed:\n${output}${errors}")
  endif()
endforeach()
if(NOT output MATCHES "Hello, Ada!")
  message(FATAL_ERROR "the tool says ${output}")
endif()
