using System.Globalization;
using Sampan.Cli.Commands;
using Sampan.DockerApi.Images;

namespace Sampan.Cli.Output;

/// <summary>Prints the messages of load, import and pull: on a terminal each layer keeps its line, elsewhere bars are left out.</summary>
internal static class ProgressPrinter
{
    public static async Task PrintAsync(IAsyncEnumerable<ProgressMessage> messages, TextWriter output, bool terminal)
    {
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        await foreach (var message in messages.ConfigureAwait(false))
        {
            if (message.Error is { Length: > 0 } || message.ErrorDetail?.Message is { Length: > 0 })
                throw new CommandException(message.ErrorDetail?.Message is { Length: > 0 } detail ? detail : message.Error ?? "", message.ErrorDetail?.Code is { } code and > 0 ? code : 1);
            if (message.Stream is { Length: > 0 } text) output.Write(text);
            else if (message.Aux is { ManifestPushedInsteadOfIndex: true } aux)
                output.WriteLine($"Not all platforms of the image are here: only one was pushed (pull with --all-platforms to have them all)\n{aux.OriginalIndex?.Digest} -> {aux.SelectedManifest?.Digest}");
            else if (message.Status is { Length: > 0 } status) PrintStatus(message, status, output, terminal, lines);
            output.Flush();
        }
    }

    private static void PrintStatus(ProgressMessage message, string status, TextWriter output, bool terminal, Dictionary<string, int> lines)
    {
        bool bar = message.ProgressDetail is { Current: > 0 };
        if (message.Id is not { Length: > 0 } id)
        {
            if (!bar || terminal) output.WriteLine(status);
            return;
        }
        if (!terminal)
        {
            if (!bar) output.WriteLine($"{id}: {status}");
            return;
        }
        int up = 0;
        if (lines.TryGetValue(id, out int line)) up = lines.Count - line;
        else
        {
            lines[id] = lines.Count;
            output.WriteLine();
            up = 1;
        }
        output.Write(string.Create(CultureInfo.InvariantCulture, $"\u001b[{up}A\r\u001b[2K{id}: {status} {Bar(message)}\u001b[{up}B\r"));
    }

    private static string Bar(ProgressMessage message)
    {
        if (message.ProgressDetail is not { Current: { } current and > 0 } detail) return "";
        if (detail.Total is not { } total || total <= 0) return HumanSize.Decimal(current);
        int done = (int)Math.Min(50, current * 50 / total);
        return $"[{new string('=', done)}>{new string(' ', 50 - done)}]  {HumanSize.Decimal(current)}/{HumanSize.Decimal(total)}";
    }
}
