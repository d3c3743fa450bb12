using Sampan.Engine.Containers.Mounts;
using Sampan.Engine.Tests.Doubles;

namespace Sampan.Engine.Tests.Containers;

public sealed class ContainersAheadTests
{
    [Fact]
    public async Task Containers_get_what_was_made_ahead_and_the_engine_leaves_nothing_of_it()
    {
        await using var harbour = await OpenAsync();
        Ahead(harbour).ShouldBeEmpty("nobody has created anything");
        var first = await harbour.CreateAsync(name: "first");
        var ready = await FullAsync(harbour);

        var ids = new List<string>();
        foreach (var number in Enumerable.Range(1, 20))
            ids.Add(await harbour.RunAsync(name: $"next{number}"));

        ids.Distinct().Count().ShouldBe(20);
        ids.Intersect(ready).Count().ShouldBe(ready.Count, "all that were made are taken");
        harbour.Containers.List().Select(c => c.Id).ShouldBe([.. ids, first], ignoreOrder: true);
        await harbour.Engine.DisposeAsync();
        Entries(harbour).ShouldBe([.. ids, first], ignoreOrder: true);
        await harbour.ReopenAsync();
        harbour.Containers.List().Count.ShouldBe(21);
        harbour.Notices.ShouldNotContain(notice => notice.Message.Contains("ahead"));
    }

    [Fact]
    public async Task Many_at_once_share_it()
    {
        await using var harbour = await OpenAsync();
        await harbour.CreateAsync();
        await FullAsync(harbour);

        var ids = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => harbour.CreateAsync())));

        ids.Distinct().Count().ShouldBe(50);
        harbour.Containers.List().Count.ShouldBe(51);
        await harbour.ReopenAsync();
        harbour.Containers.List().Count.ShouldBe(51);
        Ahead(harbour).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_create_that_fails_gives_back_what_it_took()
    {
        await using var harbour = await OpenAsync();
        var id = await harbour.CreateAsync(name: "taken");
        var ready = await FullAsync(harbour);

        await Should.ThrowAsync<EngineException>(() => harbour.CreateAsync(name: "taken"));
        await Should.ThrowAsync<EngineException>(() => harbour.CreateAsync(Harbour.Spec with { Binds = [BindSpec.Parse("new:/a"), BindSpec.Parse("other:/a")] }));

        // Two of those that were there are gone, and no directory has their ids.
        Entries(harbour).Count(name => !name.StartsWith('.')).ShouldBe(1);
        Ahead(harbour).Count(ready.Contains).ShouldBe(ready.Count - 2);
        (await harbour.CreateAsync(name: "next")).ShouldNotBe(id);
    }

    [Fact]
    public async Task What_a_dead_engine_made_ahead_is_removed_by_the_next()
    {
        await using var harbour = await OpenAsync();
        var id = await harbour.CreateAsync(name: "web");
        Directory.CreateDirectory(Path.Combine(harbour.Data, "containers", ".ahead-" + new string('a', 64)));

        await harbour.ReopenAsync();

        Entries(harbour).ShouldBe([id]);
    }

    private static async Task<Harbour> OpenAsync()
    {
        var harbour = await Harbour.OpenAsync();
        harbour.MakesAhead = true;
        await harbour.ReopenAsync();
        return harbour;
    }

    private static async Task<IReadOnlySet<string>> FullAsync(Harbour harbour)
    {
        await (harbour.Ahead?.Filled ?? Task.CompletedTask).WaitAsync(TimeSpan.FromSeconds(30));
        var ready = Ahead(harbour).ToHashSet(StringComparer.Ordinal);
        ready.Count.ShouldBe(8);
        return ready;
    }

    private static IReadOnlyList<string> Ahead(Harbour harbour) =>
        [.. Entries(harbour).Where(name => name.StartsWith(".ahead-", StringComparison.Ordinal)).Select(name => name[".ahead-".Length..])];

    private static IEnumerable<string> Entries(Harbour harbour) =>
        Directory.GetDirectories(Path.Combine(harbour.Data, "containers")).Select(path => Path.GetFileName(path)).Where(name => !name.StartsWith(".removing-", StringComparison.Ordinal));
}
