using Sampan.Oci.Images;

namespace Sampan.Storage.Tests.Distribution;

public sealed class ResumeTests : RegistryTest
{
    private readonly byte[] _layer = TestImage.Layer("big", 900_000);
    private readonly byte[] _blob;
    private readonly string _path;

    public ResumeTests()
    {
        TestImage.Publish(Registry, "app", "v1", _layer);
        _blob = TestImage.Gzip(_layer);
        _path = $"/v2/app/blobs/{Digest.Of(_blob)}";
    }

    [Fact]
    public async Task A_broken_connection_is_followed_by_a_request_for_the_rest()
    {
        var cuts = new Queue<int>([100_000, 1, 300_000]);
        Registry.Intercept = request => request.Path == _path && cuts.TryDequeue(out var cut) ? Registry.Answer(request) with { CutAfter = cut } : null;

        await PullAsync("app:v1");

        Registry.RequestsFor("GET", _path).Select(request => request.Header("Range")).ShouldBe(
            [null, $"bytes=100000-{_blob.Length - 1}", $"bytes=100001-{_blob.Length - 1}", $"bytes=400001-{_blob.Length - 1}"]);
    }

    [Fact]
    public async Task A_restarted_daemon_goes_on_at_the_byte_where_the_old_one_stopped()
    {
        Registry.Intercept = request => request.Path == _path ? request.Header("Range") is null ? Registry.Answer(request) with { CutAfter = 234_567 } : TestAnswer.Error(404, "BLOB_UNKNOWN", "gone") : null;
        await PullBadAsync("app:v1", keepsPart: true);

        Reopen();
        Registry.Intercept = _ => null;
        var before = Registry.Requests.Count;
        await PullAsync("app:v1");

        Registry.Requests.Skip(before).Single(request => request.Path == _path).Header("Range").ShouldBe($"bytes=234567-{_blob.Length - 1}");
        Directory.EnumerateFileSystemEntries(Path.Combine(DataRoot, "content", "partial")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Layers_that_arrived_whole_are_not_fetched_again_after_a_restart()
    {
        var small = TestImage.Layer("small", 500);
        TestImage.Publish(Registry, "app", "v2", small, _layer);
        Registry.Intercept = request => request.Path == _path ? Registry.Answer(request) with { Status = 403 } : null;
        var first = Hasty with { MaxConcurrentDownloads = 1 };
        await PullBadAsync("app:v2", first, keepsPart: true);

        Reopen();
        Registry.Intercept = _ => null;
        await PullAsync("app:v2");

        Registry.RequestsFor("GET", Digest.Of(TestImage.Gzip(small)).ToString()).Count().ShouldBe(1);
    }

    [Fact]
    public async Task What_a_power_cut_tore_is_noticed_and_fetched_anew()
    {
        Registry.Intercept = request => request.Path == _path ? request.Header("Range") is null ? Registry.Answer(request) with { CutAfter = 200_000 } : TestAnswer.Error(404, "BLOB_UNKNOWN", "gone") : null;
        await PullBadAsync("app:v1", keepsPart: true);
        var part = Path.Combine(DataRoot, "content", "partial", Digest.Of(_blob).Hex);
        using (var file = new FileStream(part, FileMode.Open))
            file.Write(new byte[1000]);

        Reopen();
        Registry.Intercept = _ => null;
        await PullAsync("app:v1");

        Registry.RequestsFor("GET", _path).Last().Header("Range").ShouldBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("partial 1 \n")]
    [InlineData("partial 1 0000000000000000005\n0000000000000000000 0000000000000000005 0000000000000000009\n")]
    [InlineData("partial 1 9999999999999999999\n9999999999999999999 9999999999999999999 9999999999999999999\n")]
    public async Task A_damaged_note_of_what_is_there_means_nothing_is(string note)
    {
        var part = Path.Combine(DataRoot, "content", "partial", Digest.Of(_blob).Hex);
        await File.WriteAllBytesAsync(part, new byte[10], Ct);
        await File.WriteAllTextAsync(part + ".spans", note, Ct);

        await PullAsync("app:v1");

        Registry.RequestsFor("GET", _path).Single().Header("Range").ShouldBeNull();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_large_layer_comes_in_several_parts_at_a_time_if_the_registry_gives_parts(bool gives)
    {
        Registry.GivesRanges = gives;

        var pulled = await PullAsync("app:v1", Hasty with { RangeBytes = 100_000, MaxRanges = 4 });

        pulled.Image.Size.ShouldBe(900_000);
        if (gives)
            Registry.RequestsFor("GET", _path).Count().ShouldBe(4);
        else
            Registry.RequestsFor("GET", _path).Last().Header("Range").ShouldBeNull();
    }

    [Fact]
    public async Task A_registry_that_gives_no_parts_any_more_is_asked_for_all_and_the_known_bytes_are_passed_over()
    {
        Registry.GivesRanges = false;
        var cuts = 1;
        Registry.Intercept = request => request.Path == _path && cuts-- > 0 ? Registry.Answer(request) with { CutAfter = 300_000 } : null;

        (await PullAsync("app:v1")).Image.Size.ShouldBe(900_000);
    }

    [Fact]
    public async Task Each_failure_that_may_pass_is_followed_by_another_try()
    {
        var failures = new Queue<TestAnswer>([new(500), new TestAnswer(429).With("Retry-After", "0")]);
        Registry.Intercept = request => failures.TryDequeue(out var failure) ? failure : null;

        await PullAsync("app:v1");

        failures.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_registry_that_wants_to_be_left_alone_for_an_hour_has_failed()
    {
        Registry.Intercept = _ => new TestAnswer(429).With("Retry-After", "3600");

        (await PullBadAsync("app:v1")).Message.ShouldBe($"registry '{Registry.Host}' refused: toomanyrequests (try again in 3600 s)");
        // One try with TLS on another connection is no request here.
        Registry.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Old_remains_of_downloads_are_removed()
    {
        Registry.Intercept = request => request.Path == _path ? Registry.Answer(request) with { CutAfter = 1000, ClaimedLength = null } : null;
        await PullBadAsync("app:v1", Hasty with { MaxAttempts = 1, StallTimeout = TimeSpan.FromSeconds(20) }, keepsPart: true);
        Directory.EnumerateFiles(Path.Combine(DataRoot, "content", "partial")).ShouldNotBeEmpty();

        Images.DropPartialDownloads().ShouldBeGreaterThan(0);

        Directory.EnumerateFiles(Path.Combine(DataRoot, "content", "partial")).ShouldBeEmpty();
    }
}
