namespace Sampan.Conformance.Harness;

/// <summary>Where runtimes are known to differ from the specification or from each other.</summary>
internal static class Deviations
{
    private static readonly Deviation[] s_all =
    [
        // Debian 12's runc, 1.1.5.
        new("runc", "A_poststart_hook_that_fails_is_an_error_and_stops_the_container", "it runs poststart hooks in create"),
        new("runc", "All_kinds_run_in_their_order_and_the_program_between", "it runs poststart hooks in create"),
        new("runc", "A_poststop_hook_that_fails_is_a_warning_and_the_others_run", "a poststop hook that fails ends the row of them"),
        new("runc", "The_state_is_on_standard_input", "it runs poststart hooks in create, when the program does not run yet", Case: "poststart"),
        new("runc", "A_startContainer_hook_that_fails_keeps_the_program_from_running", "start ends before the hook does, and tells nothing of it"),
        new("runc", "Delete_of_a_created_container_is_an_error_without_effect", "delete ends a created container and removes it"),
        new("runc", "Without_a_process_create_goes_and_start_is_an_error", "create refuses it already"),
        new("runc", "A_version_of_another_major_is_an_error", "it does not look at ociVersion"),
        new("runc", "The_personality_is_the_one_asked_for", "1.1 knows no personality"),
        new("runc", "The_domain_has_the_name_asked_for", "1.1 knows no domainname"),
        new("runc", "An_option_that_must_be_known_is_taken_for_a_file_system", "1.1 passes the word on to tmpfs, which refuses it", Case: "defaults"),
        new("runc", "A_limit_given_twice_is_an_error", "the last one counts"),
        new("runc", "The_root_has_the_propagation_asked_for", "the root is made private to be pivoted to, and stays so", Case: "shared"),

        // Debian 12's crun, 1.8.1.
        new("crun", "A_signal_that_does_not_exist_is_an_error", "1.8 sends signal 0"),
        new("crun", "Delete_of_a_created_container_is_an_error_without_effect", "delete ends a created container and removes it"),
        new("crun", "Without_a_process_create_goes_and_start_is_an_error", "create fails, at the capabilities of the process"),
        new("crun", "A_namespace_named_twice_is_an_error", "the second is passed over"),
        new("crun", "An_id_that_is_not_valid_is_an_error_and_makes_nothing", "a blank is a sign like others", Case: "sp ace"),
        new("crun", "A_kind_of_device_that_does_not_exist_is_an_error", "a file that is no device is made"),
        new("crun", "Features_are_told", "1.8 has no such command"),
        new("crun", "Events_tell_the_use_of_resources", "it has no such command"),
        new("crun", "Environment_directory_user_and_capabilities_are_the_containers", "exec begins in the root directory"),
        new("crun", "A_capability_is_added", "the capability given replaces the container's"),
        new("crun", "Options_change_environment_directory_user_and_groups", "1.8 has no --additional-gids"),
        new("crun", "Ps_lists_the_processes_of_the_container", "its table has numbers only"),
        new("crun", "Resume_of_a_running_container_is_an_error", "it is passed over"),
        new("crun", "A_mount_has_the_propagation_asked_for", "a propagation other than private is lost", Case: "shared"),
        new("crun", "A_mount_has_the_propagation_asked_for", "a propagation other than private is lost", Case: "unbindable"),
        new("crun", "An_option_that_must_be_known_is_taken_for_a_file_system", "1.8 passes the word on to tmpfs, which refuses it", Case: "silent"),
        new("crun", "An_option_that_must_be_known_is_taken_for_a_file_system", "1.8 passes the word on to tmpfs, which refuses it", Case: "loud"),
        new("crun", "An_option_that_must_be_known_is_taken_for_a_file_system", "1.8 passes the word on to tmpfs, which refuses it", Case: "iversion"),
        new("crun", "An_option_that_must_be_known_is_taken_for_a_file_system", "1.8 passes the word on to tmpfs, which refuses it", Case: "noiversion"),
        new("crun", "A_recursive_option_holds_below_too", "it asks the kernel without clearing the other ways of access times, which is refused", Case: "rnoatime"),
        new("crun", "An_option_of_a_bind_mount_holds", "1.8 does not know the word", Case: "nosymfollow"),
        new("crun", "A_poststart_hook_that_fails_is_an_error_and_stops_the_container", "the failure is passed over"),
        new("crun", "The_state_is_on_standard_input", "the status is 'created' already", Case: "prestart"),
        new("crun", "The_state_is_on_standard_input", "the status is 'created' already", Case: "createRuntime"),
        new("crun", "The_state_is_on_standard_input", "the status is 'created' already", Case: "createContainer"),
        new("crun", "The_state_is_on_standard_input", "it calls the status 'starting'", Case: "startContainer"),
        new("crun", "A_startContainer_hook_that_fails_keeps_the_program_from_running", "start ends before the hook does, and tells nothing of it"),
        new("crun", "All_kinds_run_in_their_order_and_the_program_between", "start does not wait for the startContainer hooks: those of poststart may overtake them", IsPending: true),
        new("crun", "After_a_hook_of_create_that_failed_the_hooks_after_the_end_run", "no poststop hooks run then"),
        new("crun", "A_capability_that_nobody_knows_is_a_warning_and_no_error", "it is passed over without a word"),
        new("crun", "A_limit_given_twice_is_an_error", "the last one counts"),
        new("crun", "A_working_directory_that_is_not_absolute_is_an_error", "it is taken from the root"),
        new("crun", "Sockets_given_by_systemds_protocol_reach_the_program", "it passes LISTEN_FDS on, but not LISTEN_PID"),

        // Ours: none.
    ];

    /// <summary>The one that is declared for a test, if there is one.</summary>
    /// <param name="runtime">Name of the runtime.</param>
    /// <param name="test">Name of the method.</param>
    /// <param name="display">Name of the case, with its arguments.</param>
    internal static Deviation? Find(string runtime, string test, string display) =>
        Array.Find(s_all, one => one.Runtime == runtime && one.Test == test && (one.Case is null || display.Contains($": \"{one.Case}\"", StringComparison.Ordinal)));

    internal static IEnumerable<string> Tests => s_all.Select(one => one.Test);
}
