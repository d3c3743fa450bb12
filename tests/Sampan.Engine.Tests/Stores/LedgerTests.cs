using Sampan.Engine.Tests.Doubles;
using Sampan.Storage.Records;

namespace Sampan.Engine.Tests.Stores;

public sealed class LedgerTests
{
    [Fact]
    public async Task What_is_removed_and_not_empty_yet_has_its_line()
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.CreateAsync();
        foreach (var kind in new[] { "snapshots", "containers" })
        {
            var going = Directory.CreateDirectory(Path.Combine(harbour.Data, kind, $"{RemovedTrees.Prefix}{id}-1"));
            await File.WriteAllTextAsync(Path.Combine(going.FullName, "file"), new string('x', 100_000), TestContext.Current.CancellationToken);
        }

        var lines = harbour.Engine.Stores.Ledger().Where(line => line.Reason == "removed, and being emptied").ToList();

        lines.Count.ShouldBe(2);
        lines.ShouldAllBe(line => line.Bytes >= 100_000 && !line.IsReclaimable);
    }
}
