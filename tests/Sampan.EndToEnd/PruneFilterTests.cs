using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>Filters of prunes and lists. Everything has a label of its own, so that nothing of other tests goes.</summary>
public sealed class PruneFilterTests(SharedEngine engine) : EngineTest(engine)
{
    private const string Past = "until=2001-01-01T00:00:00Z";
    private const string Future = "until=2100-01-01T00:00:00Z";

    [Theory, MemberData(nameof(Both))]
    public async Task Image_prune_takes_what_its_filters_leave_and_no_container_uses(string client)
    {
        var label = $"prune-{client}";
        await MakeAsync(client, label, "front");
        await MakeAsync(client, label, "back");
        await MakeAsync(client, label, "used");
        (await RunAsync(client, "create", $"{label}:used", "/program")).Succeeded();
        Task<Outcome> Prune(params string[] more) => RunAsync(client, ["image", "prune", "-f", "--filter", $"label={label}", .. more]);

        (await Prune()).Succeeded();
        (await Prune("-a", "--filter", Past)).Succeeded();
        (await NamesAsync(client, label)).ShouldBe(["back", "front", "used"]);
        (await Prune("-a", "--filter", Future, "--filter", $"label!={label}=front")).Succeeded().ShouldContain("Deleted Images:");
        (await NamesAsync(client, label)).ShouldBe(["front", "used"]);
        (await Prune("-a", "--filter", $"label={label}=front")).Succeeded();
        (await NamesAsync(client, label)).ShouldBe(["used"]);
        (await Prune("-a", "--filter", "colour=red")).Failed().Saying("invalid filter 'colour'");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task System_prune_takes_of_all_kinds_what_its_filters_leave(string client)
    {
        var label = $"system-prune-{client}";
        await MakeAsync(client, label, "front");
        await MakeAsync(client, label, "back");
        (await RunAsync(client, "tag", $"{label}:front", $"{label}:second")).Succeeded();
        var (gone, stays) = (NewName("gone"), NewName("stays"));
        (await RunAsync(client, "create", "--name", gone, "--label", label, "busybox")).Succeeded();
        (await RunAsync(client, "create", "--name", stays, "busybox")).Succeeded();

        (await RunAsync(client, "system", "prune", "-f", "-a", "--volumes", "--filter", Future)).Failed().Saying("\"until\" filter is not supported with \"--volumes\"");
        (await RunAsync(client, "system", "prune", "-f", "-a", "--filter", $"label={label}", "--filter", Past)).Succeeded();
        (await NamesAsync(client, label)).ShouldBe(["back", "front", "second"]);
        var pruned = (await RunAsync(client, "system", "prune", "-f", "-a", "--volumes", "--filter", $"label={label}")).Succeeded();

        pruned.ShouldContain("Deleted Containers:");
        pruned.ShouldContain("Deleted Images:");
        pruned.ShouldContain("Total reclaimed space:");
        (await NamesAsync(client, label)).ShouldBeEmpty();
        var left = (await RunAsync(client, "ps", "-a", "--format", "{{.Names}}")).Lines;
        left.ShouldContain(stays);
        left.ShouldNotContain(gone);
    }

    [Fact]
    public async Task System_df_shows_what_its_filters_leave()
    {
        const string Label = "df-filter";
        await MakeAsync(Clients.Sampan, Label, "one");
        Task<Outcome> Df(params string[] more) => RunAsync(Clients.Sampan, ["system", "df", .. more]);

        (await Df("--filter", "type=image", "--format", "{{.Type}}")).Lines.ShouldBe(["Images"]);
        var images = (await Df("-v", "--filter", "type=image", "--filter", $"label={Label}")).Succeeded();
        images.ShouldContain(Label);
        images.ShouldNotContain("busybox");
        images.ShouldNotContain("Containers space usage:");
        (await Df("-v", "--filter", $"label!={Label}", "--format", "json")).Succeeded().ShouldNotContain(Label);
        (await Df("--filter", $"label={Label}")).Ended(1).Saying("needs --verbose");
        (await Df("--filter", "type=things")).Ended(1).Saying("invalid filter 'type=things'");
    }

    // Of one file, each with another content, so that each is an image of its own.
    private async Task MakeAsync(string client, string label, string value)
        => (await Daemon.ClientWithBytesAsync(client, ImageArchive.LayerOf(ImageArchive.File("program", $"{label} {value}")), "import", "-c", $"LABEL {label}={value}", "-", $"{label}:{value}")).Succeeded();

    private async Task<IReadOnlyList<string>> NamesAsync(string client, string label)
        => [.. (await RunAsync(client, "images", "--filter", $"label={label}", "--format", "{{.Tag}}")).Lines.Order(StringComparer.Ordinal)];
}
