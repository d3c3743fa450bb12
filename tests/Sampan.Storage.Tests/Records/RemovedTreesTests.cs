using Sampan.Storage.Records;

namespace Sampan.Storage.Tests.Records;

public sealed class RemovedTreesTests : IDisposable
{
    private readonly TemporaryDirectory _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public async Task A_directory_is_gone_by_name_at_once_and_wholly_in_the_end()
    {
        var failures = new List<string>();
        await using (var removed = new RemovedTrees((path, _) => failures.Add(path)))
        {
            // The same name again and again, and more than may wait at once.
            for (var i = 0; i < 200; i++)
            {
                Directory.CreateDirectory(_temporary["root/one/deep/er"]);
                File.WriteAllText(_temporary["root/one/file"], "x");
                removed.Remove(_temporary["root/one"]).ShouldBeTrue();
                Directory.Exists(_temporary["root/one"]).ShouldBeFalse();
                removed.Remove(_temporary["root/one"]).ShouldBeFalse();
            }
        }

        Directory.GetFileSystemEntries(_temporary["root"]).ShouldBeEmpty();
        failures.ShouldBeEmpty();
    }
}
