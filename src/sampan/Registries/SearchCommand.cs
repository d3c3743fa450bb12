using Sampan.Cli.Arguments;
using Sampan.Cli.Commands;
using Sampan.Cli.Output;
using Sampan.Cli.Tables;
using Sampan.DockerApi.Images;

namespace Sampan.Cli.Registries;

/// <summary>search: what an index knows by a word.</summary>
internal static class SearchCommand
{
    private const int DescriptionWidth = 45;

    private static readonly Option<IReadOnlyList<string>> s_filter = FilterOption.New("Show only what matches: is-official, is-automated, stars");
    private static readonly Option<string> s_format = ListFormat.Option();
    private static readonly Option<long?> s_limit = Option.Number("limit", null, "Number of results, 1 to 100; 0: the index's own");
    private static readonly Option<bool> s_noTrunc = Option.Flag("no-trunc", null, "Don't shorten anything");

    public static Command Command { get; } = new()
    {
        Name = "search",
        Summary = "Search Docker Hub for images",
        Details = "A word with a host before it (HOST/WORD) searches there.",
        Arguments = "TERM",
        MinWords = 1,
        MaxWords = 1,
        Options = [s_filter, s_format, s_limit, s_noTrunc],
        Run = RunAsync,
    };

    private static async Task<int> RunAsync(Invocation call)
    {
        string term = call.Words[0];
        var results = await call.Client.SearchImagesAsync(term, call.Get(s_limit) is > 0 and var limit ? (int)limit : null, FilterOption.Read(call, s_filter), RegistryAuth.ForImage(call, term), call.Cancelled).ConfigureAwait(false);
        bool full = call.Get(s_noTrunc);
        var shape = new RowShape<ImageSearchResult>("search result",
        [
            new("Name", "NAME", r => r.Name),
            new("Description", "DESCRIPTION", r => full ? Line(r.Description) : Texts.Cut(Line(r.Description), DescriptionWidth)),
            new("StarCount", "STARS", r => r.StarCount.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            new("IsOfficial", "OFFICIAL", r => r.IsOfficial ? "[OK]" : ""),
            new("IsAutomated", "AUTOMATED", r => r.IsAutomated ? "[OK]" : ""),
        ]);
        ListFormat.Write(call.Out, call.Get(s_format), shape, results.OrderByDescending(r => r.StarCount), "{{.Name}}\t{{.Description}}\t{{.StarCount}}\t{{.IsOfficial}}");
        return 0;
    }

    private static string Line(string text) => text.Replace('\n', ' ').Replace('\r', ' ').Replace('\t', ' ');
}
