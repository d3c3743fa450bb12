using System.Globalization;
using Sampan.Cli.Arguments;
using Sampan.Cli.Output;
using Sampan.Cli.Tables;
using Sampan.DockerApi.Client;

namespace Sampan.Cli.Commands.Images;

/// <summary>images, image ls, tag, rmi, history, image prune.</summary>
internal static class ImageVerbs
{
    private static readonly Option<bool> s_all = Option.Flag("all", 'a', "Show intermediate images, too");
    private static readonly Option<bool> s_digests = Option.Flag("digests", null, "Show digests");
    private static readonly Option<IReadOnlyList<string>> s_filter = FilterOption.New("Show only what matches: before, dangling, label, reference, since, until");
    private static readonly Option<string> s_format = ListFormat.Option();
    private static readonly Option<bool> s_noTrunc = Option.Flag("no-trunc", null, "Don't shorten anything");
    private static readonly Option<bool> s_quiet = Option.Flag("quiet", 'q', "Show ids only");
    private static readonly Option<bool> s_tree = Option.Flag("tree", null, "Show the platforms of each image as a tree");
    private static readonly Option<bool> s_force = Option.Flag("force", 'f', "Remove it even if stopped containers use it or it has several names");
    private static readonly Option<bool> s_noPrune = Option.Flag("no-prune", null, "Keep parents without a name");
    private static readonly Option<IReadOnlyList<string>> s_platforms = Option.CommaList("platform", null, "strings", "Remove only this platform (os[/arch[/variant]])");
    private static readonly Option<string> s_platform = Option.Text("platform", null, "string", "Show this platform (os[/arch[/variant]])");
    private static readonly Option<bool> s_human = Option.Flag("human", 'H', "Print sizes and dates for people", initial: true);
    private static readonly Option<bool> s_pruneAll = Option.Flag("all", 'a', "Remove all unused images, not only those without a name");
    private static readonly Option<IReadOnlyList<string>> s_pruneFilter = FilterOption.New("Remove only what matches (until=…, label=…)", letter: false);
    private static readonly Option<bool> s_yes = Option.Flag("force", 'f', "Don't ask");

    public static Command Images { get; } = new()
    {
        Name = "images",
        Summary = "List images",
        Aliases = ["image ls", "image list", "images"],
        Arguments = "[REPOSITORY[:TAG]]",
        MaxWords = 1,
        Options = [s_all, s_digests, s_filter, s_format, s_noTrunc, s_quiet, s_tree],
        Completes = Candidates.Images,
        Run = ListAsync,
    };

    public static Command Ls { get; } = Images with { Name = "ls", OtherNames = ["list"] };

    public static Command Tag { get; } = new()
    {
        Name = "tag",
        Summary = "Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE",
        Aliases = ["image tag", "tag"],
        Arguments = "SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]",
        MinWords = 2,
        MaxWords = 2,
        Completes = Candidates.Images,
        Run = TagAsync,
    };

    public static Command Rmi { get; } = new()
    {
        Name = "rmi",
        Summary = "Remove one or more images",
        Aliases = ["image rm", "image remove", "rmi"],
        Arguments = "IMAGE [IMAGE...]",
        MinWords = 1,
        Options = [s_force, s_noPrune, s_platforms],
        Completes = Candidates.Images,
        Run = RemoveAsync,
    };

    public static Command Rm { get; } = Rmi with { Name = "rm", OtherNames = ["remove"] };

    public static Command History { get; } = new()
    {
        Name = "history",
        Summary = "Show the history of an image",
        Aliases = ["image history", "history"],
        Arguments = "IMAGE",
        MinWords = 1,
        MaxWords = 1,
        Options = [s_format, s_human, s_noTrunc, s_platform, s_quiet],
        Completes = Candidates.Images,
        Run = HistoryAsync,
    };

    public static Command Prune { get; } = new()
    {
        Name = "prune",
        Summary = "Remove unused images",
        MaxWords = 0,
        Options = [s_pruneAll, s_pruneFilter, s_yes],
        Run = PruneAsync,
    };

    private static async Task<int> ListAsync(Invocation call)
    {
        var filters = FilterOption.Read(call, s_filter);
        if (call.Words.Count > 0) filters.Add("reference", call.Words[0]);
        if (call.Get(s_tree)) return await ImageTree.RunAsync(call, filters, Refused(call), call.Get(s_all), call.Get(s_noTrunc)).ConfigureAwait(false);
        var images = await call.Client.ListImagesAsync(call.Get(s_all), false, filters, call.Cancelled).ConfigureAwait(false);
        bool digests = call.Get(s_digests);
        string format = call.ListFormat(s_format, "imagesFormat", call.Get(s_quiet));
        bool quiet = call.Get(s_quiet);
        var lines = images.SelectMany(i => ImageShape.Lines(i, digests || format.Contains(".Digest", StringComparison.Ordinal) || format == "json"));
        string standard = "{{.Repository}}\t{{.Tag}}" + (digests ? "\t{{.Digest}}" : "") + "\t{{.ID}}\t{{if .CreatedSince}}{{.CreatedSince}}{{else}}N/A{{end}}\t{{.Size}}";
        ListFormat.Write(call.Out, format, ImageShape.Create(call.Get(s_noTrunc), call.Time), lines, standard, quiet ? "{{.ID}}" : null);
        return 0;
    }

    // Docker refuses the same ones.
    private static string? Refused(Invocation call) =>
        call.Get(s_quiet) ? "--quiet" : call.Given(s_format) is not null ? "--format" : call.Get(s_digests) ? "--show-digest" : null;

    private static async Task<int> TagAsync(Invocation call)
    {
        string repository;
        string? tag;
        try
        {
            (repository, tag) = ImageName.Split(call.Words[1]);
        }
        catch (CommandException e)
        {
            throw new CommandException($"Error parsing reference: \"{call.Words[1]}\" is not a valid repository/tag: {e.Message}", 1, e);
        }
        if (string.IsNullOrWhiteSpace(repository)) throw new CommandException($"Error parsing reference: \"{call.Words[1]}\" is not a valid repository/tag: invalid reference format");
        if (call.Words[1].Contains('@')) throw new CommandException("refusing to create a tag with a digest reference");
        if (repository[(repository.IndexOf('/') + 1)..].Any(char.IsAsciiLetterUpper))
            throw new CommandException($"Error parsing reference: \"{call.Words[1]}\" is not a valid repository/tag: invalid reference format: repository name ({(repository.Contains('/') ? repository : $"library/{repository}")}) must be lowercase");
        try
        {
            await call.Client.TagImageAsync(call.Words[0], repository, tag ?? "latest", call.Cancelled).ConfigureAwait(false);
            return 0;
        }
        catch (DockerApiException e) when (e.StatusCode == 400)
        {
            throw new CommandException($"Error parsing reference: \"{call.Words[1]}\" is not a valid repository/tag: {e.Message}", 1, e);
        }
    }

    private static Task<int> RemoveAsync(Invocation call)
    {
        bool force = call.Get(s_force);
        IReadOnlyList<string> platforms = [.. call.Get(s_platforms).Select(PlatformJson.Write)];
        bool fatal = false;
        return RunAsync();

        async Task<int> RunAsync()
        {
            int code = await call.EachAsync(call.Words, async name =>
            {
                try
                {
                    foreach (var item in await call.Client.RemoveImageAsync(name, force, call.Get(s_noPrune), platforms, call.Cancelled).ConfigureAwait(false))
                        call.Out.WriteLine(item.Deleted is { Length: > 0 } deleted ? $"Deleted: {deleted}" : $"Untagged: {item.Untagged}");
                }
                catch (DockerApiException e) when (e.StatusCode is not null)
                {
                    fatal |= !e.IsNotFound;
                    throw;
                }
            }).ConfigureAwait(false);
            // With --force, an image that isn't there is no failure.
            return code != 0 && force && !fatal ? 0 : code;
        }
    }

    private static async Task<int> HistoryAsync(Invocation call)
    {
        var items = await call.Client.ImageHistoryAsync(call.Words[0], call.Given(s_platform) is { } p ? PlatformJson.Write(p) : null, call.Cancelled).ConfigureAwait(false);
        bool full = call.Get(s_noTrunc);
        bool human = call.Get(s_human);
        bool quiet = call.Get(s_quiet);
        var shape = new RowShape<DockerApi.Images.HistoryItem>("history",
        [
            new("ID", "IMAGE", h => full ? h.Id : Texts.ShortId(h.Id)),
            new("CreatedSince", human ? "CREATED" : "CREATED AT", h => h.Created <= 0 ? "N/A" : human ? HumanTime.Ago(DateTimeOffset.FromUnixTimeSeconds(h.Created), call.Time) : Stamp(h.Created, call.Time)),
            new("CreatedAt", "CREATED AT", h => h.Created <= 0 ? "" : Stamp(h.Created, call.Time)),
            new("CreatedBy", "CREATED BY", h => full ? h.CreatedBy.Replace('\t', ' ') : Texts.Cut(h.CreatedBy.Replace('\t', ' '), 45)),
            new("Size", "SIZE", h => human ? HumanSize.Short(h.Size) : h.Size.ToString(CultureInfo.InvariantCulture)),
            new("Comment", "COMMENT", h => h.Comment),
        ]);
        ListFormat.Write(call.Out, call.Get(s_format), shape, items, "{{.ID}}\t{{.CreatedSince}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}", quiet ? "{{.ID}}" : null);
        return 0;
    }

    private static string Stamp(long seconds, TimeProvider time) =>
        TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeSeconds(seconds), time.LocalTimeZone).ToString("yyyy-MM-dd'T'HH:mm:ssK", CultureInfo.InvariantCulture).Replace("+00:00", "Z", StringComparison.Ordinal);

    private static async Task<int> PruneAsync(Invocation call)
    {
        bool all = call.Get(s_pruneAll);
        string warning = all ? "WARNING! This will remove all images without at least one container associated to them." : "WARNING! This will remove all dangling images.";
        if (!call.Get(s_yes) && !call.Confirm(warning)) return 0;
        var report = await call.Client.PruneImagesAsync(FilterOption.Read(call, s_pruneFilter).Add("dangling", all ? "false" : "true"), call.Cancelled).ConfigureAwait(false);
        if (report.ImagesDeleted is { Count: > 0 } deleted)
        {
            call.Out.WriteLine("Deleted Images:");
            foreach (var item in deleted) call.Out.WriteLine(item.Untagged is { Length: > 0 } untagged ? $"untagged: {untagged}" : $"deleted: {item.Deleted}");
            call.Out.WriteLine();
        }
        call.Out.WriteLine($"Total reclaimed space: {HumanSize.Decimal(report.SpaceReclaimed)}");
        return 0;
    }
}
