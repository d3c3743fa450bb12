using Sampan.Build.Agents;
using Sampan.Build.Checking;
using Sampan.Build.Parsing;
using Sampan.Build.Planning;
using Sampan.Engine;
using Sampan.Oci.Images;

namespace Sampan.Build;

/// <summary>What a Dockerfile offers.</summary>
public sealed partial class Builder
{
    /// <summary>Reads a Dockerfile of a client that stays connected and tells what is in it; nothing is built.</summary>
    /// <exception cref="BuildException">It cannot be had, or not be understood.</exception>
    public async Task<DockerfileFacts> ReadDockerfileAsync(BuildRequest request, IProgress<BuildMessage> progress, CancellationToken ct)
    {
        try
        {
            using IBuildAgents agents = request.Client is { } client ? new ClientAgents(client) : Agents.Begin(request.AgentSession ?? "", []);
            using var files = await ReadFilesAsync(request, agents, new BuildActs(progress, _engine.Steps.Time), progress, ct);
            var platforms = PlatformArguments.Of(Platform.Current.Normalize(), (request.Platform ?? Platform.Current).Normalize(), request.Target);
            var plan = PlanOf(request, files.Dockerfile, platforms);
            var directive = CheckDirective.Parse(request.Arguments.GetValueOrDefault("BUILDKIT_DOCKERFILE_CHECK") ?? plan.Text.Directives.GetValueOrDefault("check"));
            var warnings = Checks.Run(plan, platforms, files.Rules, name => _engine.Steps.Find(name, request.Platform) is { IsStep: false } image ? image.Config.Config.Env : null, directive);
            return new DockerfileFacts(
                request.Dockerfile,
                files.Dockerfile,
                [.. plan.All.Select(stage => new DockerfileFacts.Stage(stage.Name, stage.Base, stage.Platform, stage.Index == plan.All.Count - 1, stage.From.Place.Line))],
                plan.Target.Name,
                ArgumentsOf(plan, request),
                NeedsOf(plan, "secret"),
                NeedsOf(plan, "ssh"),
                warnings);
        }
        catch (Exception wrong) when (wrong is DockerfileException or Storage.StorageException)
        {
            throw BuildException.Invalid(wrong.Message, wrong);
        }
        catch (EngineException failure)
        {
            throw new BuildException(failure.Kind, failure.Message, null, failure);
        }
    }

    // Those before the first FROM, and those of the stages that are run; the first to declare one says where.
    private static IReadOnlyList<DockerfileFacts.Argument> ArgumentsOf(BuildPlan plan, BuildRequest request)
    {
        var parser = new InstructionParser(plan.Text.Escape);
        var global = plan.Text.Instructions.Select(parser.Parse).TakeWhile(instruction => instruction is not Instruction.From).OfType<Instruction.Arg>();
        var staged = plan.Order.SelectMany(stage => stage.Instructions).OfType<Instruction.Arg>();
        return [.. global.Concat(staged)
            .SelectMany(argument => argument.Pairs.Select(pair => new DockerfileFacts.Argument(pair.Key, request.Arguments.GetValueOrDefault(pair.Key) ?? plan.Globals.GetValueOrDefault(pair.Key) ?? pair.Value, argument.Place.Line)))
            .DistinctBy(argument => argument.Name, StringComparer.Ordinal)];
    }

    private static IReadOnlyList<DockerfileFacts.Need> NeedsOf(BuildPlan plan, string type) => [.. plan.Order.SelectMany(stage => stage.Instructions).OfType<Instruction.Run>()
        .SelectMany(run => run.Mounts.Select(mount => (run.Place.Line, Options: mount.Split(',').Select(part => part.Split('=', 2)).ToLookup(part => part[0], part => part.ElementAtOrDefault(1), StringComparer.Ordinal))))
        .Where(mount => mount.Options["type"].Contains(type))
        .Select(mount => new DockerfileFacts.Need(mount.Options["id"].FirstOrDefault() ?? (type == "ssh" ? "default" : Path.GetFileName(mount.Options["target"].FirstOrDefault() ?? "")), mount.Options["required"].Any(value => value is null or "true" or "1"), mount.Line))
        .DistinctBy(need => need.Id, StringComparer.Ordinal)];
}
