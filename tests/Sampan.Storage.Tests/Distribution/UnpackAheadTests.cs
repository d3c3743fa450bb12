using Sampan.Oci.Images;

namespace Sampan.Storage.Tests.Distribution;

/// <summary>Large layers are unpacked while they arrive.</summary>
public sealed class UnpackAheadTests : RegistryTest
{
    private readonly byte[] _layer = TestImage.Layer("big", 2_000_000);
    private readonly string _path;

    public UnpackAheadTests()
    {
        TestImage.Publish(Registry, "app", "v1", _layer);
        _path = $"/v2/app/blobs/{Digest.Of(TestImage.Gzip(_layer))}";
    }

    private string Layers => Path.Combine(DataRoot, "layers");

    [Theory]
    [InlineData(1_000_000_000)]
    [InlineData(400_000)]
    public async Task Files_are_written_before_the_layer_is_here(long rangeBytes)
    {
        var rest = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Registry.Intercept = request => request.Path == _path && request.Header("Range")?.StartsWith("bytes=0-", StringComparison.Ordinal) != false
            ? Registry.Answer(request) with { StallAfter = 600_000, GoesOn = rest.Task } : null;

        var pulling = PullAsync("app:v1", Hasty with { RangeBytes = rangeBytes });
        await WaitAsync(() => Written() > 100_000, pulling);
        rest.SetResult();
        var pulled = await pulling;

        Written().ShouldBe(2_000_000);
        pulled.Image.Layers.Single().Size.ShouldBe(2_000_000);
        Directory.EnumerateDirectories(Layers).Count().ShouldBe(1, "it was unpacked once");
    }

    [Fact]
    public async Task What_was_unpacked_goes_when_the_rest_does_not_come()
    {
        var rest = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Registry.Intercept = request => request.Path != _path ? null
            : request.Header("Range") is null ? Registry.Answer(request) with { StallAfter = 600_000, CutAfter = 600_000, GoesOn = rest.Task } : TestAnswer.Error(404, "BLOB_UNKNOWN", "gone");

        var pulling = PullBadAsync("app:v1", keepsPart: true);
        await WaitAsync(() => Written() > 100_000, pulling);
        rest.SetResult();

        (await pulling).Message.ShouldContain("gone");
    }

    [Fact]
    public async Task What_was_unpacked_goes_when_the_pull_is_given_up()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        Registry.Intercept = request => request.Path == _path ? Registry.Answer(request) with { StallAfter = 600_000 } : null;

        var pulling = Images.PullAsync(Client(), Name("app:v1"), new(), null, stop.Token);
        await WaitAsync(() => Written() > 100_000, pulling);
        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => pulling);
        Directory.EnumerateFileSystemEntries(Layers).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_digest_that_turns_out_wrong_takes_what_was_unpacked_along()
    {
        var other = TestImage.Gzip(_layer);
        other[^1] ^= 1;
        Registry.Intercept = request => request.Path == _path ? Registry.Answer(request) with { Body = other } : null;

        (await PullBadAsync("app:v1")).Message.ShouldContain("sent something else");
    }

    private static async Task WaitAsync(Func<bool> condition, Task pulling)
    {
        while (!condition() && !pulling.IsCompleted)
            await Task.Delay(10, Ct);
        pulling.IsCompleted.ShouldBeFalse("the pull ended first");
    }

    private long Written() => Directory.EnumerateFiles(Layers, "big", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length);
}
