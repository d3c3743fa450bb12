using System.Globalization;
using Sampan.Build.History;
using Sampan.Build.Parsing;
using Sampan.Build.Planning;
using Sampan.Oci.Images;
using Sampan.Storage.Images;

namespace Sampan.Build.Execution;

/// <summary>
/// Runs one stage: (1) its base (2) the base's triggers (3) each instruction in order. Instructions that make no files only change the state.
/// </summary>
internal sealed partial class StageRun(BuildRun build, Stage stage)
{
    // ARGs that are declared, with their values; null: declared, but without one.
    private readonly Dictionary<string, string?> _arguments = new(StringComparer.Ordinal);
    private readonly string _label = stage.Name ?? (build.Plan.Order.Count == 1 ? "stage" : $"stage-{stage.Index.ToString(CultureInfo.InvariantCulture)}");
    private StageState _state = new() { Platform = Platform.Current };
    private int _step = stage.FirstStep;

    private bool _wasBrought;

    // The instruction is none of the Dockerfile, but one that the base left; null: it is.
    private string? _trigger;

    // The instruction's number in the journal; 0: none begun yet.
    private int _entry;

    // Nothing of an earlier build is taken.
    private bool IsFresh { get; } = build.Request.NoCache || build.Request.NoCacheStages.Any(name => BuildPlan.Find([stage], name) is not null);

    private char Escape => build.Plan.Text.Escape;

    /// <summary>Runs it.</summary>
    /// <exception cref="BuildException">An instruction failed.</exception>
    internal async Task<StageState> RunAsync()
    {
        var current = (Instruction)stage.From;
        try
        {
            // (1)
            Announce(stage.From);
            _state = await BaseAsync();
            _state = _state with { Base = _state.Files, BaseSteps = _state.History.Count };
            Tell($" ---> {ShortId()}\n");

            // (2)
            var triggers = _state.Config.OnBuild;
            _state = _state with { Config = _state.Config with { OnBuild = [] } };
            if (triggers.Count > 0)
                Tell($"# Executing {triggers.Count} build trigger{(triggers.Count == 1 ? "" : "s")}\n");
            build.Journal.End(_entry, BuildStatus.Done);
            foreach (var trigger in triggers)
            {
                _trigger = trigger;
                current = new InstructionParser('\\').Parse(DockerfileReader.ReadOne(trigger, stage.From.Place));
                _entry = build.Journal.Begin(_label, 1, stage.Instructions.Count + 1, $"ONBUILD {current.Text}", MakesFiles(current));
                await ApplyAsync(current);
                build.Journal.End(_entry, BuildStatus.Done);
            }

            // (3)
            _trigger = null;
            foreach (var instruction in stage.Instructions)
            {
                current = instruction;
                Announce(instruction);
                await ApplyAsync(instruction);
                Tell($" ---> {ShortId()}\n");
                build.Journal.End(_entry, BuildStatus.Done);
            }
            return _state with { Arguments = _arguments };
        }
        catch (Exception failure)
        {
            var told = Told(failure, current);
            Failed();
            if (told == failure)
                throw;
            throw told;
        }
    }

    private async Task ApplyAsync(Instruction instruction)
    {
        build.Stopped.ThrowIfCancellationRequested();
        switch (instruction)
        {
            case Instruction.Arg arg:
                Declare(arg);
                break;
            case Instruction.Run run:
                await RunAsync(run);
                break;
            case Instruction.Copy copy:
                await CopyAsync(copy);
                break;
            case Instruction.Workdir workdir:
                await WorkdirAsync(workdir);
                break;
            default:
                _state = StateChanges.Apply(_state, instruction, Expand);
                break;
        }
    }

    private async Task<StageState> BaseAsync()
    {
        var platform = build.Request.Platform ?? Platform.Current;
        if (stage.Platform is { } text && !Platform.TryParse(text, out platform))
            throw new DockerfileException($"invalid platform '{text}' of FROM: expected os[/architecture[/variant]]", stage.From.Place) { Word = stage.From.Platform };
        if (build.Named.TryGetValue(stage.Base, out var tree))
            return await ContextAsync(tree, platform);
        if (stage.BaseStage is { } below && build.ImageOfContext(stage.Base) is null)
        {
            var inherited = await build.StageAsync(build.Plan.All[below]);
            foreach (var (name, value) in inherited.Arguments)
                _arguments[name] = value;
            return inherited with { IsCmdSet = false };
        }
        if (stage.Base == "scratch")
            return new StageState { Platform = platform.Normalize() };
        var image = await build.ImageAsync(build.ImageOfContext(stage.Base) ?? stage.Base, stage.Platform is null ? null : platform, stage.Index);
        build.Lease.Hold(image.Id.ToString());
        return new StageState { Files = image, Config = image.Config.Config, History = image.Config.History, Author = image.Config.Author, Platform = image.Config.Platform };
    }

    // "FROM name", where name is a directory that the user gave: its files are the base.
    private async Task<StageState> ContextAsync(Storage.Building.SourceTree tree, Platform platform)
    {
        _state = new StageState { Platform = platform.Normalize() };
        var key = NewKey("context").Add(Storage.Building.SourceTree.Checksum(tree.Root));
        await TakeAsync(key, stage.From.Text, $"COPY . / # context {stage.Base}", () =>
        {
            var draft = build.Engine.Steps.Draft(null, build.Now);
            draft.CopyContent(tree.Root, "/", Storage.Building.CopyLooks.AsTheyAre);
            return StackAsync(draft);
        });
        return _state;
    }

    // The user's value, else the default, else what stands before the first FROM, else what every build has.
    private void Declare(Instruction.Arg arg)
    {
        foreach (var (name, standard) in arg.Pairs)
        {
            build.Use(name);
            var isGlobal = standard is null && build.Plan.Globals.ContainsKey(name);
            _arguments[name] = build.Request.Arguments.TryGetValue(name, out var given) && given is not null && !isGlobal ? given
                : standard is not null ? Expand(standard, arg.Place)
                : build.Plan.Globals.GetValueOrDefault(name) ?? build.Platforms.GetValueOrDefault(name);
        }
        Remember(arg.Text, null);
    }

    private string Expand(string word, SourcePlace place) => Expansion.Word(word, Escape, ValueOf, place);

    private string? ValueOf(string name)
    {
        foreach (var line in _state.Config.Env)
        {
            if (line.Length > name.Length && line[name.Length] == '=' && line.StartsWith(name, StringComparison.Ordinal))
                return line[(name.Length + 1)..];
        }
        return _arguments.GetValueOrDefault(name);
    }

    // A directory that is not there is a layer; one that is there is none.
    private async Task WorkdirAsync(Instruction.Workdir workdir)
    {
        var path = AbsolutePath(Expand(workdir.Path, workdir.Place));
        _state = _state with { Config = _state.Config with { WorkingDir = path } };
        using (var look = build.Engine.Steps.Draft(_state.Files, build.Now))
        {
            if (look.IsDirectory(path))
            {
                Remember(workdir.Text, null);
                return;
            }
        }
        await TakeAsync(NewKey("workdir").Add(path).Note("path", path), workdir.Text, workdir.Text, () =>
        {
            var draft = build.Engine.Steps.Draft(_state.Files, build.Now);
            draft.MakeDirectory(path, null);
            return StackAsync(draft);
        });
    }

    private async Task<ImageRecord> StackAsync(Storage.Building.LayerDraft draft)
    {
        using (draft)
            return await build.Engine.Steps.StackDraftAsync(_state.Files, draft, build.Epoch, build.Stopped);
    }

    /// <summary>Takes a step from the cache or makes it, and goes on from there.</summary>
    private async Task TakeAsync(Caching.CacheKey key, string description, string history, Func<Task<ImageRecord>> make)
    {
        var before = _state.Files?.Layers.Count ?? 0;
        var name = key.Finish();
        _wasBrought = false;
        build.Journal.Inputs.Keep(name, key.Parts);
        build.Journal.Note(_entry, step => step with { Key = name });
        var taken = await build.Cache.TakeAsync(name, description, IsFresh, build.Lease, () => MakeAsync(name, make), build.Stopped);
        var isHit = taken.IsHit || _wasBrought;
        if (isHit)
            Tell(" ---> Using cache\n");
        build.Journal.End(_entry, isHit ? BuildStatus.Cached : BuildStatus.Done);
        build.Export.Add(name, description, taken.Files, taken.Files.Layers.Count > before);
        _state = _state with { Files = taken.Files };
        Remember(history, taken.Files.Layers.Count > before ? taken.Created : null, isEmpty: taken.Files.Layers.Count == before, key: name);
    }

    // What an image brought need not be made.
    private async Task<ImageRecord> MakeAsync(string key, Func<Task<ImageRecord>> make)
    {
        _wasBrought = false;
        if (!IsFresh && await build.FindStepAsync(key, _state.Files) is { } brought)
        {
            _wasBrought = true;
            return brought;
        }
        var journal = build.Journal;
        var record = journal.Record;
        var step = record.Steps[_entry - 1];
        var (reason, other) = IsFresh ? ("the cache was not asked (--no-cache, --no-cache-filter)", null)
            : StepReason.Of(step, journal.Inputs.Find(key) ?? new Dictionary<string, string>(), record with { Steps = [.. record.Steps.Where(earlier => earlier.Stage == _label && earlier.Number < _entry)] }, journal.Earlier(), journal.Inputs.Find);
        journal.Explain(_entry, reason, other);
        return await make();
    }

    private Caching.CacheKey NewKey(string kind) => new Caching.CacheKey(kind, _state.Files).Add(_state.Platform.ToString(), Epoch).Note("platform", _state.Platform.ToString()).Note("SOURCE_DATE_EPOCH", Epoch);

    private string? Epoch => build.Epoch?.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    private void Remember(string text, DateTimeOffset? made, bool isEmpty = true, string? key = null) => _state = _state with
    {
        History = [.. _state.History, new HistoryEntry { Created = build.Epoch ?? made, CreatedBy = text, EmptyLayer = isEmpty, Comment = key is not null && build.Request.HasInlineCache ? Caching.CacheSource.Comment + key : null }],
    };

    private string AbsolutePath(string path) => Path.GetFullPath(path, _state.Config.WorkingDir is { Length: > 0 } now && now.StartsWith('/') ? now : "/");

    private void Announce(Instruction instruction)
    {
        build.Entries[stage.Index] = _entry = build.Journal.Begin(_label, _step - stage.FirstStep + 1, stage.Instructions.Count + 1, instruction.Text, MakesFiles(instruction));
        // A stage that only a trigger asks for is none of those that were counted.
        Tell(stage.FirstStep == 0 ? $"# {_label}: {instruction.Text}\n" : $"Step {_step.ToString(CultureInfo.InvariantCulture)}/{build.Plan.Steps} : {instruction.Text}\n");
        _step++;
    }

    private static bool MakesFiles(Instruction instruction) => instruction is Instruction.From or Instruction.Run or Instruction.Copy or Instruction.Workdir;

    private string ShortId() => _state.Files?.Id.Short ?? "";

    private static string VerbOf(Instruction instruction) => instruction.Text.Split(' ', 2)[0].ToUpperInvariant();
}
