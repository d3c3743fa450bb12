using System.Globalization;
using Sampan.Cli.Commands;
using Sampan.Cli.Commands.Images;
using Sampan.Cli.Output;
using Sampan.Compose.Documents;
using Sampan.Compose.Model;
using Sampan.Compose.Output;
using Sampan.Compose.Running;
using Sampan.Linux.Processes;

namespace Sampan.Cli.Compose;

/// <summary>The runner of a call's project, telling on stderr what happens.</summary>
internal static class Runner
{
    public static ProjectRunner Create(Invocation call, string name, Project? project, bool quietBuild = false, bool quiet = false) => new(call.Client, name, project, Progress(call, quiet), call.Time)
    {
        IsDry = DryRun.IsAsked(call),
        Parallel = (int?)(call.Group.Get(ComposeOptions.Parallel) ?? Limit(project)),
        Build = new ServiceBuild(call, quietBuild || How(call) is "quiet" or "json").RunAsync,
        Pull = async (image, platform, _) =>
        {
            try
            {
                await ImagePull.RunAsync(call, image, platform, TextWriter.Null).ConfigureAwait(false);
            }
            catch (CommandException e)
            {
                throw new ComposeException(e.Message, e);
            }
        },
    };

    /// <summary>The runner of the project that the call's files or its name say.</summary>
    public static ProjectRunner Find(Invocation call, IReadOnlyList<string>? targets = null)
    {
        var (name, project) = ComposeProject.Find(call, targets);
        return Create(call, name, project);
    }

    private static ComposeProgress Progress(Invocation call, bool quiet)
    {
        FailPoint.Arm();
        var tell = Teller(call, quiet);
        return !DryRun.IsAsked(call) ? tell : (resource, state, reason) => tell("DRY-RUN MODE -  " + resource, state, reason);
    }

    private static ComposeProgress Teller(Invocation call, bool quiet)
    {
        string how = How(call);
        if (quiet || how == "quiet") return static (_, _, _) => { };
        var gate = new Lock();
        if (how == "json")
        {
            return (resource, state, reason) =>
            {
                string line = JsonText.Write(new Mapping(Position.None, [.. new (string Key, string Text)[] { ("id", resource), ("text", state), ("details", reason), ("status", Kind(state)) }
                    .Where(p => p.Text.Length > 0).Select(p => new Member(p.Key, Position.None, Scalar.Of(p.Text)))]), indented: false);
                lock (gate) call.Error.WriteLine(line);
                FailPoint.Reach($"{resource} {state}");
            };
        }
        bool colours = Colours.Wanted(call, StandardIo.ErrorIsTerminal);
        return (resource, state, reason) =>
        {
            string shown = colours ? Colours.State(state) : state;
            lock (gate) call.Error.WriteLine($" {resource}  {shown}{(reason.Length > 0 ? $" ({reason})" : "")}");
            FailPoint.Reach($"{resource} {state}");
        };
    }

    private static string How(Invocation call) =>
        call.Group.IsSet(ComposeOptions.Progress) ? call.Group.Get(ComposeOptions.Progress) : Environment.GetEnvironmentVariable("COMPOSE_PROGRESS") is { Length: > 0 } how ? how : "auto";

    private static string Kind(string state) => state switch
    {
        "Error" => "Error",
        "Warning" or "Found" => "Warning",
        _ when state.EndsWith("ing", StringComparison.Ordinal) && state is not "Running" => "Working",
        _ => "Done",
    };

    private static long? Limit(Project? project) =>
        long.TryParse(project?.Environment.GetValueOrDefault("COMPOSE_PARALLEL_LIMIT"), CultureInfo.InvariantCulture, out long n) ? n : null;
}
