using System.Text;
using Sampan.Storage.Distribution;
using Sampan.Storage.Registry;
using Sampan.Storage.Tests.Distribution;

namespace Sampan.Storage.Tests.Registry;

/// <summary>Names that stand for another registry's.</summary>
public sealed class RegistryMirrorTests : RegistryStoreTest, IAsyncLifetime
{
    private readonly TestRegistry _upstream = new();
    private readonly List<string> _told = [];
    private readonly byte[] _manifest;
    private readonly byte[] _layer = TestImage.Layer("big", 900_000);
    private readonly byte[] _blob;
    private readonly PullThrough _through;

    public RegistryMirrorTests()
    {
        _manifest = TestImage.Publish(_upstream, "team/app", "v1", _layer);
        _blob = TestImage.Gzip(_layer);
        _through = Through(new RegistryCredentials { Username = "anna", Password = "secret" });
    }

    private Mirror Mirror => _through.Find(Name("hub/app")).ShouldNotBeNull();

    private ContentDigest Layer => ContentDigest.Of(ContentDigest.Sha256, _blob);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _through.DisposeAsync();
        await _upstream.DisposeAsync();
        Dispose();
    }

    [Fact]
    public void Only_names_below_the_prefix_stand_for_others()
    {
        _through.Find(Name("hub/app")).ShouldNotBeNull();
        _through.Find(Name("hub")).ShouldBeNull();
        _through.Find(Name("hubris/app")).ShouldBeNull();
        _through.Find(Name("other/hub/app")).ShouldBeNull();
    }

    [Fact]
    public async Task A_manifest_is_fetched_once_and_kept()
    {
        var found = (await Mirror.FindManifestAsync(Name("hub/app"), Reference("v1"), Ct)).ShouldNotBeNull();
        (await Mirror.FindManifestAsync(Name("hub/app"), Reference("v1"), Ct)).ShouldBe(found);
        (await Mirror.FindManifestAsync(Name("hub/app"), ManifestReference.Of(found.Digest), Ct)).ShouldBe(found);

        using var file = Store.OpenManifest(found).ShouldNotBeNull();
        Text(file).ShouldBe(Encoding.UTF8.GetString(_manifest));
        _upstream.RequestsFor("GET", "/v2/team/app/manifests/").Count().ShouldBe(1);
    }

    [Fact]
    public async Task A_tag_is_asked_for_again_when_it_is_old_and_fetched_when_it_moved()
    {
        var first = (await Mirror.FindManifestAsync(Name("hub/app"), Reference("v1"), Ct)).ShouldNotBeNull();
        Time.Now += TimeSpan.FromMinutes(11);
        (await Mirror.FindManifestAsync(Name("hub/app"), Reference("v1"), Ct)).ShouldBe(first);
        _upstream.RequestsFor("GET", "/manifests/").Count().ShouldBe(1);
        _upstream.RequestsFor("HEAD", "/manifests/").Count().ShouldBe(1);
        await Mirror.FindManifestAsync(Name("hub/app"), Reference("v1"), Ct);
        _upstream.RequestsFor("HEAD", "/manifests/").Count().ShouldBe(1);

        TestImage.Publish(_upstream, "team/app", "v1", TestImage.Layer("other", 10));
        Time.Now += TimeSpan.FromMinutes(11);

        (await Mirror.FindManifestAsync(Name("hub/app"), Reference("v1"), Ct)).ShouldNotBeNull().Digest.ShouldNotBe(first.Digest);
    }

    [Fact]
    public async Task What_was_pulled_stays_while_the_other_registry_is_down()
    {
        var found = await Mirror.FindManifestAsync(Name("hub/app"), Reference("v1"), Ct);
        (await ReadAsync()).ShouldBe(_blob);
        Time.Now += TimeSpan.FromMinutes(11);
        await _upstream.DisposeAsync();

        (await Mirror.FindManifestAsync(Name("hub/app"), Reference("v1"), Ct)).ShouldBe(found);
        Store.OpenBlob(Name("hub/app"), Layer, forPush: false).ShouldNotBeNull().Dispose();
        (await Mirror.ListTagsAsync(Name("hub/app"), 10, null, Ct)).ShouldNotBeNull().Names.ShouldBe(["v1"]);
        (await Should.ThrowAsync<RegistryRefusalException>(() => Mirror.FindManifestAsync(Name("hub/app"), Reference("v2"), Ct))).Code.ShouldBe(RefusalCode.Unavailable);
        _told.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_tag_that_is_gone_there_is_gone_here()
    {
        await Mirror.FindManifestAsync(Name("hub/app"), Reference("v1"), Ct);
        _upstream.Manifests.Clear();
        Time.Now += TimeSpan.FromMinutes(11);

        (await Mirror.FindManifestAsync(Name("hub/app"), Reference("v1"), Ct)).ShouldBeNull();

        Store.FindManifest(Name("hub/app"), Reference("v1")).ShouldBeNull();
    }

    [Fact]
    public async Task Many_who_ask_for_one_blob_at_once_get_it_from_one_fetch()
    {
        var gate = new ManualResetEventSlim();
        _upstream.Intercept = request =>
        {
            if (request.Method == "GET" && request.Path.Contains("/blobs/", StringComparison.Ordinal))
                gate.Wait(TimeSpan.FromMinutes(1));
            return null;
        };
        var reading = Enumerable.Range(0, 10).Select(_ => ReadAsync()).ToList();
        gate.Set();

        foreach (var read in await Task.WhenAll(reading))
            read.ShouldBe(_blob);

        _upstream.RequestsFor("GET", $"/v2/team/app/blobs/{Layer}").Count().ShouldBe(1);
        Files("incoming").ShouldBeEmpty();
        Read("hub/app", Layer).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_fetch_that_breaks_off_goes_on_at_its_byte()
    {
        var cuts = new Queue<int>([100_000, 1, 300_000]);
        _upstream.Intercept = request => request.Method == "GET" && request.Path.EndsWith(Layer.ToString(), StringComparison.Ordinal) && cuts.TryDequeue(out var cut) ? _upstream.Answer(request) with { CutAfter = cut } : null;

        (await ReadAsync()).ShouldBe(_blob);

        _upstream.RequestsFor("GET", Layer.ToString()).Select(request => request.Header("Range")?.Split('-')[0]).ShouldBe([null, "bytes=100000", "bytes=100001", "bytes=400001"]);
    }

    [Fact]
    public async Task A_registry_without_parts_sends_all_again_and_it_is_counted_once()
    {
        _upstream.GivesRanges = false;
        var cuts = new Queue<int>([100_000, 300_000]);
        _upstream.Intercept = request => request.Method == "GET" && request.Path.EndsWith(Layer.ToString(), StringComparison.Ordinal) && cuts.TryDequeue(out var cut) ? _upstream.Answer(request) with { CutAfter = cut } : null;

        (await ReadAsync()).ShouldBe(_blob);
    }

    [Fact]
    public async Task Wrong_bytes_reach_nobody_whole_and_are_not_kept()
    {
        var wrong = _blob.ToArray();
        wrong[1000] ^= 1;
        _upstream.Blobs[$"team/app@{Layer}"] = wrong;

        var got = 0L;
        var failure = await Should.ThrowAsync<Exception>(async () =>
        {
            using var content = (await Mirror.OpenBlobAsync(Name("hub/app"), Layer, isHead: false, Ct)).ShouldNotBeNull();
            var buffer = new byte[64 * 1024];
            for (int read; (read = await content.ReadAsync(got, buffer, Ct)) > 0;)
                got += read;
        });

        // Who was quick was reading already, who was slow is refused.
        (failure is IOException or RegistryRefusalException).ShouldBeTrue(failure.ToString());
        got.ShouldBeLessThan(_blob.Length);
        Files("incoming").ShouldBeEmpty();
        Store.OpenBlob(Name("hub/app"), Layer, forPush: false).ShouldBeNull();
    }

    [Fact]
    public async Task A_look_at_a_blob_fetches_nothing()
    {
        using var content = (await Mirror.OpenBlobAsync(Name("hub/app"), Layer, isHead: true, Ct)).ShouldNotBeNull();

        content.Length.ShouldBe(_blob.Length);
        _upstream.RequestsFor("GET", "/blobs/").ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_about_a_manifest_there_is_listed_here()
    {
        var subject = ContentDigest.Of(ContentDigest.Sha256, _manifest);
        var about = Encoding.UTF8.GetBytes(Image("c", "l", $$""","subject":{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{{subject}}","size":{{_manifest.Length}} },"artifactType":"application/vnd.example.sbom" """));
        var digest = _upstream.AddManifest("team/app", "about", about, "application/vnd.oci.image.manifest.v1+json");
        _upstream.Intercept = request => request.Path == $"/v2/team/app/referrers/{subject}" ? TestAnswer.Json(200, $$"""{"schemaVersion":2,"manifests":[{"digest":"{{digest}}"}]}""") : null;

        await Mirror.FetchReferrersAsync(Name("hub/app"), subject, Ct);
        await _upstream.DisposeAsync();
        await Mirror.FetchReferrersAsync(Name("hub/app"), subject, Ct);

        var (index, next) = Store.ListReferrers(Name("hub/app"), subject, "application/vnd.example.sbom", null);
        Encoding.UTF8.GetString(index.Span).ShouldContain(digest.ToString());
        next.ShouldBeNull();
    }

    [Fact]
    public async Task What_is_not_there_is_not_here()
    {
        (await Mirror.FindManifestAsync(Name("hub/app"), Reference("nothing"), Ct)).ShouldBeNull();
        (await Mirror.OpenBlobAsync(Name("hub/app"), DigestOf("nothing"), isHead: false, Ct)).ShouldBeNull();
        (await Mirror.OpenBlobAsync(Name("hub/app"), DigestOf("nothing"), isHead: true, Ct)).ShouldBeNull();
    }

    [Fact]
    public async Task Bytes_of_another_repository_are_given_only_if_the_other_registry_has_them_in_this_one()
    {
        await PushBlobAsync("private", "a secret");

        (await Mirror.OpenBlobAsync(Name("hub/app"), DigestOf("a secret"), isHead: false, Ct)).ShouldBeNull();

        _upstream.AddBlob("team/app", "a secret"u8.ToArray());
        using var content = (await Mirror.OpenBlobAsync(Name("hub/app"), DigestOf("a secret"), isHead: false, Ct)).ShouldNotBeNull();
        content.Length.ShouldBe(8);
        _upstream.RequestsFor("GET", "/blobs/").ShouldBeEmpty();
    }

    [Fact]
    public async Task Credentials_stay_with_their_host_over_redirects_CVE_2020_15157()
    {
        await using var elsewhere = new TestRegistry();
        elsewhere.Intercept = request => new TestAnswer(200, _blob);
        _upstream.Intercept = request =>
            request.Header("Authorization") is null ? TestAnswer.Error(401, "UNAUTHORIZED", "who are you?").With("WWW-Authenticate", "Basic realm=\"x\"")
            : request.Path.Contains("/blobs/", StringComparison.Ordinal) ? new TestAnswer(307).With("Location", $"{elsewhere.Url}/storage")
            : null;

        (await ReadAsync()).ShouldBe(_blob);

        elsewhere.Requests.ShouldNotBeEmpty();
        elsewhere.Requests.ShouldAllBe(request => request.Header("Authorization") == null);
        _upstream.Requests.ShouldContain(request => request.Header("Authorization") != null);
    }

    private PullThrough Through(RegistryCredentials? credentials) => new(
        Store,
        [new MirrorOptions { Prefix = "hub", Upstream = new Uri($"{_upstream.Url}/team"), Credentials = credentials }],
        new RegistryOptions { RetryDelay = TimeSpan.FromMilliseconds(1), CertificateDirectories = [], MaxAttempts = 3 },
        Time,
        what =>
        {
            lock (_told)
                _told.Add(what);
        });

    private async Task<byte[]> ReadAsync()
    {
        // As the server does: what is here is not asked for elsewhere.
        using var content = (IBlobContent?)Store.OpenBlob(Name("hub/app"), Layer, forPush: false) ?? (await Mirror.OpenBlobAsync(Name("hub/app"), Layer, isHead: false, Ct)).ShouldNotBeNull();
        using var all = new MemoryStream();
        var buffer = new byte[64 * 1024];
        for (int read; (read = await content.ReadAsync(all.Length, buffer, Ct)) > 0;)
            all.Write(buffer, 0, read);
        return all.ToArray();
    }
}
