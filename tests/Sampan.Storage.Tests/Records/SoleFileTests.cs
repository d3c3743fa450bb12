using Sampan.Storage.Records;

namespace Sampan.Storage.Tests.Records;

public sealed class SoleFileTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Lock => _directory["lock"];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task One_has_it_until_it_is_closed()
    {
        var first = await SoleFile.TryOpenAsync(Lock, TimeProvider.System, Ct);
        first.ShouldNotBeNull();
        (await SoleFile.TryOpenAsync(Lock, TimeProvider.System, Ct)).ShouldBeNull();

        var waiting = SoleFile.TryOpenAsync(Lock, TimeProvider.System, Ct);
        await first.DisposeAsync();
        await using var second = await waiting;
        second.ShouldNotBeNull();
    }

    [Fact]
    public async Task Who_reads_the_file_in_the_same_process_gives_nothing_back()
    {
        await using var held = await SoleFile.TryOpenAsync(Lock, TimeProvider.System, Ct);
        await using (new FileStream(Lock, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
        }

        (await SoleFile.TryOpenAsync(Lock, TimeProvider.System, Ct)).ShouldBeNull();
    }
}
