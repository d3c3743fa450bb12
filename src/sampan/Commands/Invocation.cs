using Sampan.Cli.Arguments;
using Sampan.Cli.Hosts;
using Sampan.Cli.Output;
using Sampan.DockerApi.Client;

namespace Sampan.Cli.Commands;

/// <summary>One call of a command: what it was given, whom it talks to, where it prints.</summary>
internal sealed class Invocation(CommandPath path, ParsedArguments arguments, ParsedArguments global, Lazy<ClientSettings> settings, Lazy<DockerClient> client, StandardIo io, TimeProvider time, CancellationToken cancellationToken)
{
    public CommandPath Path => path;

    public IReadOnlyList<string> Words => arguments.Words;

    public ParsedArguments Arguments => arguments;

    public ParsedArguments Global => global;

    /// <summary>The options between a group's name and the command's: compose -f FILE up. None for a command of no such group.</summary>
    public ParsedArguments Group { get; init; } = ParsedArguments.None;

    public ClientSettings Settings => settings.Value;

    public DockerClient Client => client.Value;

    public StandardIo Io => io;

    public TextWriter Out => io.Out;

    public TextWriter Error => io.Error;

    public TimeProvider Time => time;

    public CancellationToken Cancelled => cancellationToken;

    /// <summary>The same call for another command with its own words, as if the user had typed them.</summary>
    public Task<int> RunAsync(Command command, IReadOnlyList<string> words)
    {
        var target = new CommandPath(CommandPath.Program, command).Below(command.Name, command);
        return command.Run is { } run
            ? run(new Invocation(target, OptionParser.Parse(target, words), global, settings, client, io, time, cancellationToken) { Group = Group })
            : throw new InvalidOperationException($"'{command.Name}' is a group");
    }

    public T Get<T>(Option<T> option) => arguments.Get(option);

    public bool IsSet(Option option) => arguments.IsSet(option);

    /// <summary>The option's value, or null when it was not given or is empty.</summary>
    public string? Given(Option<string> option) => Get(option) is { Length: > 0 } text ? text : null;

    /// <summary>The --format of a list, or the client's own one (psFormat and the like) when neither it nor --quiet was given.</summary>
    public string ListFormat(Option<string> format, string setting, bool quiet) =>
        Get(format) is { Length: > 0 } given ? given : quiet ? "" : Settings.Formats.GetValueOrDefault(setting, "");

    /// <summary>The keys that detach: --detach-keys, or the client's own; null: the usual ones.</summary>
    public string? DetachKeys(Option<string> option) => Given(option) ?? (Settings.DetachKeys is { Length: > 0 } own ? own : null);

    /// <summary>Does the same to each word; failures are printed at the end, as docker does, and make the exit code 1.</summary>
    public async Task<int> EachAsync(IEnumerable<string> words, Func<string, Task> act)
    {
        var failures = new List<string>();
        foreach (string word in words)
        {
            try
            {
                await act(word).ConfigureAwait(false);
            }
            catch (DockerApiException e) when (Failure.IsOfOne(e))
            {
                failures.Add(Failure.Text(e));
            }
            catch (CommandException e)
            {
                failures.Add(e.Message);
            }
        }
        if (failures.Count == 0) return 0;
        io.Flush();
        foreach (string failure in failures) io.Error.WriteLine(failure);
        return 1;
    }

    /// <summary>Asks a yes-or-no question on the terminal; anything but yes is no.</summary>
    public bool Confirm(string warning, string question = "Are you sure you want to continue?")
    {
        io.Out.Write($"{warning}\n{question} [y/N] ");
        io.Flush();
        string answer = new StreamReader(io.In).ReadLine()?.Trim() ?? "";
        return answer is "y" or "Y" || answer.Equals("yes", StringComparison.OrdinalIgnoreCase);
    }
}
