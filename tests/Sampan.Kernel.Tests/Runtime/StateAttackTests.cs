using System.Text.Json.Nodes;

namespace Sampan.Kernel.Tests.Runtime;

/// <summary>Many at once, and what somebody else wrote where the runtime keeps its records or looks for a configuration.</summary>
public sealed class StateAttackTests : IDisposable
{
    private readonly OciBundle _bundle = new();

    public void Dispose() => _bundle.Dispose();

    private string StateDirectory => $"{_bundle.Location}/state/{_bundle.Id}";

    private int Create()
    {
        _bundle.Write(TestSpec.For(_bundle.Id, "sleep", "1000"));
        _bundle.Call("create", "--bundle", _bundle.Location, _bundle.Id).Error.ShouldBeEmpty();
        return JsonNode.Parse(_bundle.Call("state", _bundle.Id).Output)!["pid"]!.GetValue<int>();
    }

    [Fact]
    public async Task Of_many_that_create_one_id_at_once_one_does_and_the_others_touch_nothing_of_it()
    {
        _bundle.Write(TestSpec.For(_bundle.Id, "sleep", "1000"));
        for (var round = 0; round < 5; round++)
        {
            var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => _bundle.Call("create", "--bundle", _bundle.Location, _bundle.Id))));
            results.Count(one => one.Code == 0).ShouldBe(1, string.Join("", results.Select(one => one.Error)));
            foreach (var (_, _, error) in results.Where(one => one.Code != 0))
                error.ShouldContain("exists already");
            _bundle.Call("start", _bundle.Id).ShouldBe((0, "", ""));
            JsonNode.Parse(_bundle.Call("state", _bundle.Id).Output)!["status"]!.GetValue<string>().ShouldBe("running");
            _bundle.Call("delete", "--force", _bundle.Id).ShouldBe((0, "", ""));
        }
    }

    [Fact]
    public async Task Of_many_that_start_a_container_at_once_one_does()
    {
        for (var round = 0; round < 5; round++)
        {
            Create();
            var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => _bundle.Call("start", _bundle.Id))));
            results.Count(one => one.Code == 0).ShouldBe(1, string.Join("", results.Select(one => one.Error)));
            JsonNode.Parse(_bundle.Call("state", _bundle.Id).Output)!["status"]!.GetValue<string>().ShouldBe("running");
            _bundle.Call("delete", "--force", _bundle.Id).ShouldBe((0, "", ""));
        }
    }
}
