using System.Globalization;
using System.Text.Json;
using Sampan.Cli.Arguments;
using Sampan.Cli.Output;
using Sampan.Cli.Tables;
using Sampan.DockerApi;

namespace Sampan.Cli.Commands.Images;

/// <summary>image explain: where an image's bytes come from.</summary>
internal static class ExplainCommand
{
    private const int ShownPaths = 10;
    private static readonly Option<string> s_format = new("format", null, "string", "'json': everything as JSON", "", static (_, text) => text) { Choices = ["json"] };
    private static readonly Option<bool> s_noTrunc = Option.Flag("no-trunc", null, "Don't shorten commands; show all hidden files");

    public static Command Command { get; } = new()
    {
        Name = "explain",
        Summary = "Show layer by layer what an image's steps added and what they wasted",
        Details = "Wasted are files that a later layer replaced or deleted: they are pulled and stored, and nobody sees them.",
        Arguments = "IMAGE",
        MinWords = 1,
        MaxWords = 1,
        Options = [s_format, s_noTrunc],
        Completes = Candidates.Images,
        Run = RunAsync,
    };

    private static async Task<int> RunAsync(Invocation call)
    {
        var image = await call.Client.ExplainImageAsync(call.Words[0], call.Cancelled).ConfigureAwait(false);
        if (call.Given(s_format) is { } format)
        {
            if (format != "json") throw new CommandException($"unknown format '{format}': only 'json' is known");
            call.Out.WriteLine(JsonSerializer.Serialize(image, StoreJson.Wire.ImageExplanation));
            return 0;
        }
        bool full = call.Get(s_noTrunc);
        var rows = image.Layers.Select((layer, i) => new[]
        {
            (i + 1).ToString(CultureInfo.InvariantCulture), HumanSize.Decimal(layer.Bytes), HumanSize.Decimal(layer.BlobBytes), Count(layer.Added), Count(layer.Changed), Count(layer.Deleted), HumanSize.Decimal(layer.Wasted),
            full ? layer.CreatedBy : Texts.Cut(layer.CreatedBy, 60),
        });
        Table(call, ["LAYER", "SIZE", "AS PULLED", "ADDED", "CHANGED", "DELETED", "WASTED BELOW", "CREATED BY"], rows);
        long seen = image.Bytes - image.Wasted;
        call.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n{HumanSize.Decimal(image.Bytes)} in all layers, {HumanSize.Decimal(image.Wasted)} of it wasted: {(image.Bytes == 0 ? 100 : seen * 100.0 / image.Bytes):0.#}% is seen"));
        if (image.WastedPaths.Count == 0) return 0;
        call.Out.WriteLine();
        Table(call, ["WASTED", "COPIES", "IN THE END", "PATH"], image.WastedPaths.Take(full ? int.MaxValue : ShownPaths).Select(path => new[]
        {
            HumanSize.Decimal(path.Bytes), Count(path.Copies), path.Deleted ? "deleted" : "replaced", path.Path,
        }));
        return 0;
    }

    private static string Count(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static void Table(Invocation call, string[] header, IEnumerable<string[]> rows) =>
        call.Out.Write(TabWriter.Align(string.Concat(rows.Prepend(header).Select(row => string.Join('\t', row) + "\n"))));
}
