namespace Sampan.Conformance.Registry;

/// <summary>Where registries are known to differ from the specification. Each is asserted: once the registry conforms, the entry has to go.</summary>
internal static class RegistryDeviations
{
    private static readonly (string Registry, string Test, string Reason)[] s_all =
    [
        // Debian 12's, 2.8.
        ("docker-registry", "A_deleted_tag_is_gone_and_its_manifest_stays", "it deletes by digest only"),
        ("docker-registry", "Bytes_behind_the_end_are_not_satisfiable", "it breaks the connection off"),
        ("docker-registry", "Several_tags_come_with_one_push_by_digest", "it passes the parameter 'tag' over"),
        ("docker-registry", "A_link_leads_to_the_next_page", "2.8 lists all tags at once"),
        ("docker-registry", "Tags_are_listed_in_order_and_in_pages", "2.8 lists tags in any order"),
        ("docker-registry", "No_tags_are_asked_for_and_none_are_given", "2.8 lists all tags at once"),
        ("docker-registry", "A_manifest_of_four_megabytes_is_taken_and_a_huge_one_refused", "it answers 400"),
        ("docker-registry", "A_piece_out_of_order_is_refused_and_the_upload_goes_on", "2.8 does not look at Content-Range"),
        ("docker-registry", "The_last_piece_out_of_order_is_refused", "2.8 does not look at Content-Range"),
        ("docker-registry", "A_push_with_a_subject_is_told_that_it_was_seen", "2.8 knows no referrers"),
        ("docker-registry", "Referrers_are_listed_with_type_and_notes", "2.8 knows no referrers"),
        ("docker-registry", "Without_an_artifact_type_the_configurations_counts", "2.8 knows no referrers"),
        ("docker-registry", "Referrers_are_filtered_by_type", "2.8 knows no referrers"),
        ("docker-registry", "What_was_pushed_before_its_subject_is_listed", "2.8 knows no referrers"),
        ("docker-registry", "An_index_can_be_about_a_manifest", "2.8 knows no referrers"),
        ("docker-registry", "A_deleted_referrer_is_listed_no_more", "2.8 knows no referrers"),
        ("docker-registry", "Of_what_nobody_knows_the_list_is_empty_and_of_no_digest_it_is_refused", "2.8 knows no referrers"),
    ];

    internal static string? Find(string registry, string test) =>
        Array.Find(s_all, one => one.Registry == registry && one.Test == test) is { Test: not null } found ? found.Reason : null;

    internal static IEnumerable<string> Tests => s_all.Select(one => one.Test);
}
