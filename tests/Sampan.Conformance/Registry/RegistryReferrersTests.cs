using System.Net;
using System.Text;
using Sampan.Conformance.Harness;

namespace Sampan.Conformance.Registry;

/// <summary>Referrers: what is about a manifest.</summary>
public sealed class RegistryReferrersTests(RegistryUnderTest registry) : RegistryTest(registry)
{
    private const string Sbom = "application/vnd.example.sbom.v1";

    [Fact, Spec("spec.md#pushing-manifests-with-subject")]
    public Task A_push_with_a_subject_is_told_that_it_was_seen() => ConformsAsync(async () =>
    {
        var subject = await PushImageAsync("v1");
        var manifest = await ManifestAsync(Descriptor(ImageManifest, subject));
        using var put = await SendAsync(HttpMethod.Put, $"/v2/{Repository}/manifests/{DigestOf(manifest)}", manifest, ImageManifest);
        put.StatusCode.ShouldBe(HttpStatusCode.Created);
        Header(put, "OCI-Subject").ShouldBe(DigestOf(subject));
    });

    [Fact, Spec("spec.md#listing-referrers")]
    public Task Referrers_are_listed_with_type_and_notes() => ConformsAsync(async () =>
    {
        var subject = await PushImageAsync("v1");
        var about = await PushImageAsync("", Descriptor(ImageManifest, subject), Sbom, "hello");
        using var answer = await GetAsync($"/v2/{Repository}/referrers/{DigestOf(subject)}");
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Content.Headers.ContentType.ShouldNotBeNull().ToString().ShouldBe(ImageIndex);
        var index = await JsonAsync(answer);
        index.GetProperty("schemaVersion").GetInt32().ShouldBe(2);
        index.GetProperty("mediaType").GetString().ShouldBe(ImageIndex);
        var found = index.GetProperty("manifests")[0];
        found.GetProperty("digest").GetString().ShouldBe(DigestOf(about));
        found.GetProperty("size").GetInt32().ShouldBe(about.Length);
        found.GetProperty("mediaType").GetString().ShouldBe(ImageManifest);
        found.GetProperty("artifactType").GetString().ShouldBe(Sbom);
        found.GetProperty("annotations").GetProperty("note").GetString().ShouldBe("hello");
    });

    [Fact, Spec("spec.md#listing-referrers")]
    public Task Without_an_artifact_type_the_configurations_counts() => ConformsAsync(async () =>
    {
        var subject = await PushImageAsync("v1");
        await PushImageAsync("", Descriptor(ImageManifest, subject));
        using var answer = await GetAsync($"/v2/{Repository}/referrers/{DigestOf(subject)}");
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await JsonAsync(answer)).GetProperty("manifests")[0].GetProperty("artifactType").GetString().ShouldBe("application/vnd.oci.image.config.v1+json");
    });

    [Fact, Spec("spec.md#listing-referrers")]
    public Task Referrers_are_filtered_by_type() => ConformsAsync(async () =>
    {
        var subject = await PushImageAsync("v1");
        var wanted = await PushImageAsync("", Descriptor(ImageManifest, subject), Sbom);
        await PushImageAsync("", Descriptor(ImageManifest, subject), "application/vnd.example.other");
        using var answer = await GetAsync($"/v2/{Repository}/referrers/{DigestOf(subject)}?artifactType={Sbom}");
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        Header(answer, "OCI-Filters-Applied").ShouldBe("artifactType");
        var manifests = (await JsonAsync(answer)).GetProperty("manifests");
        manifests.GetArrayLength().ShouldBe(1);
        manifests[0].GetProperty("digest").GetString().ShouldBe(DigestOf(wanted));
    });

    [Fact, Spec("spec.md#push")]
    public Task What_was_pushed_before_its_subject_is_listed() => ConformsAsync(async () =>
    {
        var subject = await ManifestAsync();
        var about = await PushImageAsync("", Descriptor(ImageManifest, subject), Sbom);
        using var put = await SendAsync(HttpMethod.Put, $"/v2/{Repository}/manifests/v1", subject, ImageManifest);
        put.StatusCode.ShouldBe(HttpStatusCode.Created);
        using var answer = await GetAsync($"/v2/{Repository}/referrers/{DigestOf(subject)}");
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await JsonAsync(answer)).GetProperty("manifests")[0].GetProperty("digest").GetString().ShouldBe(DigestOf(about));
    });

    [Fact, Spec("spec.md#listing-referrers")]
    public Task An_index_can_be_about_a_manifest() => ConformsAsync(async () =>
    {
        var subject = await PushImageAsync("v1");
        var index = Encoding.UTF8.GetBytes($$"""{"schemaVersion":2,"mediaType":"{{ImageIndex}}","manifests":[],"subject":{{Descriptor(ImageManifest, subject)}}}""");
        using var put = await SendAsync(HttpMethod.Put, $"/v2/{Repository}/manifests/{DigestOf(index)}", index, ImageIndex);
        put.StatusCode.ShouldBe(HttpStatusCode.Created);
        using var answer = await GetAsync($"/v2/{Repository}/referrers/{DigestOf(subject)}");
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        var found = (await JsonAsync(answer)).GetProperty("manifests")[0];
        found.GetProperty("mediaType").GetString().ShouldBe(ImageIndex);
        found.TryGetProperty("artifactType", out _).ShouldBeFalse();
    });

    [Fact, Spec("spec.md#listing-referrers")]
    public Task A_deleted_referrer_is_listed_no_more() => ConformsAsync(async () =>
    {
        var subject = await PushImageAsync("v1");
        var about = await PushImageAsync("", Descriptor(ImageManifest, subject), Sbom);
        using var deleted = await SendAsync(HttpMethod.Delete, $"/v2/{Repository}/manifests/{DigestOf(about)}");
        deleted.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        using var answer = await GetAsync($"/v2/{Repository}/referrers/{DigestOf(subject)}");
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await JsonAsync(answer)).GetProperty("manifests").GetArrayLength().ShouldBe(0);
    });

    [Fact, Spec("spec.md#listing-referrers")]
    public Task Of_what_nobody_knows_the_list_is_empty_and_of_no_digest_it_is_refused() => ConformsAsync(async () =>
    {
        using var empty = await GetAsync($"/v2/{Repository}/referrers/{DigestOf([9])}");
        empty.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await JsonAsync(empty)).GetProperty("manifests").GetArrayLength().ShouldBe(0);
        using var wrong = await GetAsync($"/v2/{Repository}/referrers/nothing");
        await RefusedAsync(wrong, [HttpStatusCode.BadRequest], "DIGEST_INVALID", "UNSUPPORTED");
    });
}
