using Sampan.Build.Parsing;
using Sampan.Build.Planning;
using Sampan.Engine;
using Sampan.Engine.Images;
using Sampan.Storage.Building;
using Sampan.Storage.Images;

namespace Sampan.Build.Execution;

/// <summary>Where COPY and mounts take files from: the context, an earlier stage, an image.</summary>
internal sealed class Origin
{
    private readonly SourceTree? _tree;
    private readonly StepOperations? _steps;
    private readonly ImageRecord? _files;

    private Origin(SourceTree? tree, StepOperations? steps, ImageRecord? files)
    {
        _tree = tree;
        _steps = steps;
        _files = files;
    }

    /// <summary>It is the context: owners do not count there, and devices are none.</summary>
    internal bool IsContext => _steps is null;

    /// <summary>A tree that is here already.</summary>
    internal static Origin Of(SourceTree tree) => new(tree, null, null);

    /// <summary>Finds what <c>from</c> names.</summary>
    /// <param name="build">The build.</param>
    /// <param name="stage">The one that asks.</param>
    /// <param name="name">A stage's name or number, or an image; null: the context.</param>
    /// <param name="place">For errors.</param>
    /// <param name="word">For errors: the name as it is written.</param>
    internal static async Task<Origin> FindAsync(BuildRun build, Stage stage, string? name, SourcePlace place, string? word)
    {
        if (name is not { Length: > 0 })
            return Of(await build.ContextAsync());
        if (build.Named.TryGetValue(name, out var context))
            return Of(context);
        if (build.ImageOfContext(name) is { } replaced)
            name = replaced;
        else if (BuildPlan.Find(build.Plan.All, name) is { } other)
        {
            // Only a trigger of the base can ask for what the plan does not know.
            if (!stage.Needs.Contains(other.Index) && !build.TryTrigger(stage, other))
                throw new DockerfileException($"circular dependency detected on stage: {name}", place) { Word = word };
            return new Origin(null, build.Engine.Steps, (await build.StageAsync(other)).Files);
        }
        if (int.TryParse(name, System.Globalization.NumberStyles.None, null, out _))
            throw new DockerfileException($"invalid from flag value {name}: invalid stage index", place) { Word = word };
        var image = await FetchAsync(build, stage, name, place, word);
        build.Lease.Hold(image.Id.ToString());
        return new Origin(null, build.Engine.Steps, image);
    }

    private static async Task<ImageRecord> FetchAsync(BuildRun build, Stage stage, string name, SourcePlace place, string? word)
    {
        try
        {
            return await build.ImageAsync(name, null, stage.Index);
        }
        catch (Exception failure) when (failure is EngineException or BuildException)
        {
            throw new DockerfileException($"'{name}' is no stage, no further context and no image that can be had: {failure.Message}", place, failure) { Word = word };
        }
    }

    /// <summary>What is at a path, links followed; null: nothing.</summary>
    internal SourceEntry? Find(string path, CancellationToken ct) => _tree is not null ? _tree.Find(path)
        : _files is null ? path.Trim('/').Length == 0 ? SourceTree.Empty().Root : null
        : _steps?.Read(_files, path, ct);
}
