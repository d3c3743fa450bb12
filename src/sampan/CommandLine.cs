using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using Sampan.Cli.Arguments;
using Sampan.Cli.Commands;
using Sampan.Cli.Compose;
using Sampan.Cli.Help;
using Sampan.Cli.Hosts;
using Sampan.Cli.Output;
using Sampan.Compose.Documents;
using Sampan.DockerApi.Client;
using Sampan.Linux;
using Sampan.Linux.Processes;

namespace Sampan.Cli;

/// <summary>From words to an exit code: (1) global options (2) the command (3) its options (4) run it (5) say what failed.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(string program, string[] words)
    {
        using var io = new StandardIo();
        if (program.EndsWith(PluginCall.Name, StringComparison.Ordinal))
        {
            if (words is not [PluginCall.MetadataWord, ..]) return await RunAsync(PluginCall.Translate(words), io, PluginCall.Environment(Environment.GetEnvironmentVariable), TimeProvider.System).ConfigureAwait(false);
            io.Out.WriteLine(PluginCall.Metadata);
            return 0;
        }
        return await RunAsync(words, io, Environment.GetEnvironmentVariable, TimeProvider.System).ConfigureAwait(false);
    }

    public static async Task<int> RunAsync(IReadOnlyList<string> words, StandardIo io, Func<string, string?> environment, TimeProvider time)
    {
        Lazy<DockerClient>? client = null;
        bool debug = false, isSequential = false;
        try
        {
            var root = new CommandPath(CommandPath.Program, Verbs.Root);
            var global = OptionParser.Parse(root, words);
            debug = LogLevel.IsDebug(global.Get(GlobalOptions.LogLevel), global.Get(GlobalOptions.Debug));
            var (path, group, rest) = Find(root, global.Words);
            if (path.Command.Refusal is { } reason) throw new CommandException($"{CommandPath.Program}: '{path.Command.Name}' is not supported: {reason}");
            var settings = new Lazy<ClientSettings>(() => ClientSettings.Read(ClientSettings.Directory(global.Get(GlobalOptions.Config), environment), io.Error.WriteLine));
            client = new Lazy<DockerClient>(() => EngineHost.Connect(global, environment, settings.Value, isSequential, debug ? line => io.Error.WriteLine("DEBUG " + line) : null));
            if (path.IsRoot && global.Get(GlobalOptions.Version))
            {
                io.Out.WriteLine($"Sampan version {ProductVersion.Text}");
                return 0;
            }
            if (path.IsRoot && global.Get(OptionParser.Help) || path.Command.Run is null)
            {
                HelpText.Write(io.Out, path);
                return 0;
            }
            var arguments = OptionParser.Parse(path, rest);
            if (arguments.Get(OptionParser.Help))
            {
                HelpText.Write(io.Out, path);
                return 0;
            }
            OptionParser.CheckCount(path, arguments.Words.Count);
            isSequential = path.Command.IsSequential;
            if (!isSequential) FinalizerThread.Begin();
            return await path.Command.Run(new Invocation(path, arguments, global, settings, client, io, time, CancellationToken.None) { Group = group }).ConfigureAwait(false);
        }
        catch (UsageException e)
        {
            return Fail(io, e.Message, e.ExitCode);
        }
        catch (CommandException e)
        {
            return Fail(io, e.Message, e.ExitCode);
        }
        catch (ComposeException e)
        {
            return Fail(io, e.Message, 1);
        }
        catch (DockerApiException e)
        {
            return Fail(io, e.StatusCode is null && client is not null ? Failure.Unreachable(e, client.Value.Endpoint) : Failure.Text(e), 1);
        }
        catch (JsonException e)
        {
            return Fail(io, $"the engine's answer is not the JSON that was expected: {e.Message}", 1);
        }
        catch (IOException e) when (IsBrokenPipe(e))
        {
            // Whoever read our output has enough: `sampan ps | head -1`. 128 + SIGPIPE, as the shell would say.
            return 141;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or SocketException or LinuxException)
        {
            return Fail(io, debug ? e.ToString() : e.Message, 1);
        }
        finally
        {
            if (client is { IsValueCreated: true }) client.Value.Dispose();
            TryFlush(io);
        }
    }

    private static (CommandPath Path, ParsedArguments Group, IReadOnlyList<string> Remaining) Find(CommandPath path, IReadOnlyList<string> words)
    {
        int used = 0;
        var group = ParsedArguments.None;
        while (path.Command.MayHaveSubcommands && used < words.Count)
        {
            if (!path.IsRoot && !path.Command.IsGroup && path.Command.Find(words[used]) is null) break;
            if (!path.IsRoot && path.Command.IsGroup && path.Command.Options.Count > 0)
            {
                // A group with options of its own: they come before its command.
                group = OptionParser.Parse(path, [.. words.Skip(used)]);
                (words, used) = (group.Words, 0);
                if (group.Get(OptionParser.Help) || words.Count == 0) return (path with { Command = path.Command with { Run = null } }, group, []);
            }
            string word = words[used];
            if (word is "--help" or "-h" && !path.IsRoot) return (path, group, []);
            if (path.IsRoot && word == "help")
            {
                used++;
                if (used == words.Count) return (path with { Command = path.Command with { Run = null } }, group, []);
                var (target, _, _) = Find(path, words.Skip(used).ToList());
                return (target with { Command = target.Command with { Run = null } }, group, []);
            }
            if (word.StartsWith('-')) throw UsageException.BadOption(path, $"unknown flag: {word}");
            var next = path.Command.Find(word) ?? throw UsageException.UnknownCommand(path, word);
            path = path.Below(next.Name == word ? word : next.Name, next);
            used++;
        }
        return (path, group, words.Skip(used).ToList());
    }

    private static int Fail(StandardIo io, string message, int exitCode)
    {
        TryFlush(io);
        if (message.Length > 0) io.Error.WriteLine(message);
        return exitCode;
    }

    private static void TryFlush(StandardIo io)
    {
        try
        {
            io.Flush();
        }
        catch (IOException e) when (IsBrokenPipe(e))
        {
            // The reader is gone: nobody is left to be told.
        }
    }

    private static bool IsBrokenPipe(IOException e) => e.HResult == 32 || Marshal.GetLastPInvokeError() == 32 || e.Message.Contains("Broken pipe", StringComparison.Ordinal);
}
