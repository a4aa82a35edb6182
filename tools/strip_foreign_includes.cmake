# The ROS wheels export CMake targets that name include folders of the machine they were built on, and
# configuring stops at the first that doesn't exist. Handed to CMake as CMAKE_PROJECT_INCLUDE, this takes
# those folders (/opt/python/...) out again once the project has imported all its targets.

function(strip_foreign_includes)
  get_property(targets DIRECTORY PROPERTY IMPORTED_TARGETS)
  foreach(target IN LISTS targets)
    get_target_property(folders ${target} INTERFACE_INCLUDE_DIRECTORIES)
    if(folders)
      list(FILTER folders EXCLUDE REGEX "^/opt/python/")
      set_target_properties(${target} PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${folders}")
    endif()
  endforeach()
endfunction()

cmake_language(DEFER DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}" CALL strip_foreign_includes)
