using Sampan.Compose.Documents;
using Sampan.Compose.Interpolation;
using Sampan.Compose.Model;
using Sampan.Compose.Schema;

namespace Sampan.Compose.Loading;

/// <summary>
/// From files to a project. (1) read the YAML (2) replace variables (3) read it by the schema into the canonical form (4) extend services
/// (5) merge the files (6) include other projects (7) resolve environments (8) fill in defaults (9) check what refers to what (10) apply profiles.
/// All problems of all files are told at once.
/// </summary>
public sealed class ProjectLoader
{
    // Includes and extends that read the same file over and over.
    private const int MaxFiles = 1000;

    private const int MaxChain = 100;

    private readonly FileReader _read;
    private readonly LoadRequest _request;
    private readonly Problems _problems = new();
    private readonly List<string> _warnings = [];
    private readonly HashSet<string> _unset = new(StringComparer.Ordinal);
    private int _files;

    private ProjectLoader(LoadRequest request, FileReader read) => (_request, _read) = (request, read);

    /// <summary>Loads a project; <see cref="ComposeException"/> tells all that is wrong.</summary>
    public static Project Load(LoadRequest request, FileReader read) => new ProjectLoader(request, read).Load();

    private Project Load()
    {
        string name = ProjectName();
        var environment = new Dictionary<string, string>(_request.Environment, StringComparer.Ordinal) { ["COMPOSE_PROJECT_NAME"] = name };
        var tree = LoadModel(_request.Files, _request.Directory, environment, []);
        // References into what could not be read would be told as missing.
        _problems.ThrowIfAny();
        tree = _request.Normalize ? Defaults.Fill(tree, name, _problems) : new Mapping(tree.At, [new Member("name", Position.None, Scalar.Of(name)), .. tree.Members.Where(m => m.Key != "name")]);
        var (enabled, disabled) = ProfileFilter.Split(tree, _request.Profiles, _request.Targets, _problems);
        var project = new Project(name, _request, enabled, disabled, _warnings);
        if (_request.CheckReferences) References.Check(project, _problems);
        _problems.ThrowIfAny();
        return project;
    }

    /// <summary>The canonical tree of a project: steps 1 to 7.</summary>
    private Mapping LoadModel(IReadOnlyList<string> files, string directory, IReadOnlyDictionary<string, string> environment, IReadOnlyList<string> including)
    {
        Mapping tree = Mapping.Empty;
        foreach (string file in files)
        {
            foreach (var document in LoadFile(file, directory, environment))
            {
                var extended = Extend(document, file, tree, environment);
                tree = ComposeSchema.File.Merge(tree, extended) as Mapping ?? tree;
            }
        }
        tree = Include(tree, files, environment, including);
        return _request.ResolveEnvironment ? EnvironmentResolver.Resolve(tree, environment, new Reading(directory, _request.Home, _problems), _read, _problems, Unset) : tree;
    }

    /// <summary>The canonical documents of one file: steps 1 to 3.</summary>
    private List<Mapping> LoadFile(string file, string directory, IReadOnlyDictionary<string, string> environment)
    {
        var result = new List<Mapping>();
        if (++_files > MaxFiles) throw new ComposeException($"more than {MaxFiles} files are read: do they include or extend each other?");
        string? text;
        try
        {
            text = _read(file);
        }
        catch (IOException e)
        {
            throw new ComposeException($"cannot read '{file}': {e.Message}", e);
        }
        if (text is null)
        {
            _problems.Add(new Position(file, 0, 0), DocumentPath.Root, "no such file");
            return result;
        }
        foreach (var document in YamlReader.Read(file, text, _problems))
        {
            if (document.IsNull) continue;
            var interpolated = _request.Interpolate ? new Interpolator(name => environment.GetValueOrDefault(name), Unset, _problems).Apply(document, DocumentPath.Root) : document;
            if (ComposeSchema.File.Read(interpolated, new Reading(directory, _request.Home, _problems) { KeepsVariables = !_request.Interpolate, KeepsPaths = !_request.ResolvePaths }, DocumentPath.Root) is not Mapping read) continue;
            if (read.Find("version") is { } version)
            {
                Warn($"{version.At}: the attribute 'version' is obsolete, it will be ignored; please remove it");
                read = read.With("version", null);
            }
            result.Add(read);
        }
        return result;
    }

    private Mapping Extend(Mapping document, string file, Mapping below, IReadOnlyDictionary<string, string> environment)
    {
        if (document.Map("services") is not { } services) return document;
        if (!services.Members.Any(m => m.Value is Mapping s && s["extends"] is not null)) return document;
        return document.With("services", new Mapping(services.At, services.Members.Select(m => m.Value is Mapping service
            ? m with { Value = Extended(service, m.Key, file, services, below, environment, []) with { Tag = service.Tag } } : m)) { Tag = services.Tag });
    }

    private Mapping Extended(Mapping service, string name, string file, Mapping services, Mapping below, IReadOnlyDictionary<string, string> environment, IReadOnlyList<string> chain)
    {
        if (service.Map("extends") is not { } extends) return service.With("extends", null);
        var path = DocumentPath.Root["services"][name]["extends"];
        service = service.With("extends", null);
        string place = $"{file}: {name}";
        if (chain.Contains(place, StringComparer.Ordinal))
        {
            _problems.Add(extends.At, path, "services extend each other in a circle: " + string.Join(" → ", chain.Append(place)));
            return service;
        }
        if (chain.Count > MaxChain)
        {
            _problems.Add(extends.At, path, $"more than {MaxChain} services extend one another in a row");
            return service;
        }
        string baseName = extends.Text("service") ?? "";
        string? otherFile = extends.Text("file");
        if (otherFile is not null && otherFile != file)
        {
            var documents = LoadFile(otherFile, Path.GetDirectoryName(otherFile) ?? "/", environment);
            services = documents.Aggregate(Mapping.Empty, (tree, d) => ComposeSchema.File.Merge(tree, d) as Mapping ?? tree).Map("services") ?? Mapping.Empty;
            below = Mapping.Empty;
        }
        var found = services[baseName] as Mapping ?? below.Map("services")?[baseName] as Mapping;
        if (found is null)
        {
            _problems.Add(extends["service"]?.At ?? extends.At, path, $"there is no service '{baseName}' in '{otherFile ?? file}'{Suggestion.Text(baseName, services.Members.Select(m => m.Key))}");
            return service;
        }
        var lower = Extended(found, baseName, otherFile ?? file, services, below, environment, [.. chain, place]);
        return ComposeSchema.Service.Merge(lower, service with { Tag = NodeTag.None }) as Mapping ?? service;
    }

    private Mapping Include(Mapping tree, IReadOnlyList<string> files, IReadOnlyDictionary<string, string> environment, IReadOnlyList<string> including)
    {
        var includes = tree.Maps("include").ToList();
        tree = tree.With("include", null);
        var chain = including.Concat(files).ToList();
        foreach (var (include, i) in includes.Select((x, i) => (x, i)))
        {
            var path = DocumentPath.Root["include"][i];
            var paths = include.Texts("path");
            if (paths.Count == 0) continue;
            if (paths.FirstOrDefault(p => chain.Contains(p, StringComparer.Ordinal)) is { } again)
            {
                _problems.Add(include.At, path, "files include each other in a circle: " + string.Join(" → ", chain.Append(again)));
                continue;
            }
            string directory = include.Text("project_directory") ?? Path.GetDirectoryName(paths[0]) ?? "/";
            var envFiles = include.Texts("env_file");
            var variables = ProjectEnvironment.Read(environment, envFiles.Count > 0 ? envFiles : [Path.Combine(directory, ".env")], isRequired: envFiles.Count > 0, _read, _problems, Unset);
            tree = Adopt(tree, LoadModel(paths, directory, variables, chain), include.At, path);
        }
        return tree;
    }

    /// <summary>Takes over what an included project describes; the same name for two things is a mistake.</summary>
    private Mapping Adopt(Mapping tree, Mapping other, Position at, DocumentPath path)
    {
        foreach (string section in new[] { "services", "networks", "volumes", "secrets", "configs" })
        {
            if (other.Map(section) is not { } resources) continue;
            var own = tree.Map(section) ?? new Mapping(resources.At, []);
            var added = new List<Member>();
            foreach (var member in resources.Members)
            {
                var taken = own.Find(member.Key);
                if (taken is null) added.Add(member);
                else if (taken.At != member.At && !SameNode.Are(taken.Value, member.Value))
                    _problems.Add(at, path, $"{section}.{member.Key} is described here ({taken.At}) and in what is included ({member.At})");
            }
            tree = tree.With(section, new Mapping(own.At, own.Members.Concat(added).OrderBy(m => m.Key, StringComparer.Ordinal)));
        }
        return tree;
    }

    /// <summary>The project's name: given, said by the last file that says one, or the directory's.</summary>
    private string ProjectName()
    {
        if (_request.Name is { } given) return ProjectNames.IsValid(given) ? given : throw new ComposeException($"invalid project name '{given}': expected lower-case letters, digits, '-' and '_', with a letter or digit first");
        Scalar? said = null;
        foreach (string file in _request.Files)
            foreach (var document in YamlReader.Read(file, _read(file) ?? "", new Problems()))
                if (document is Mapping mapping && mapping["name"] is Scalar { Kind: not ScalarKind.Null } scalar) said = scalar;
        if (said is not null)
        {
            var problems = new Problems();
            string name = (new Interpolator(n => _request.Environment.GetValueOrDefault(n), static _ => { }, problems).Apply(said, DocumentPath.Root["name"]) as Scalar ?? said).Text;
            problems.ThrowIfAny();
            if (ProjectNames.IsValid(name)) return name;
            _problems.Add(said.At, DocumentPath.Root["name"], $"'{name}' is no project name: expected lower-case letters, digits, '-' and '_', with a letter or digit first");
            _problems.ThrowIfAny();
        }
        return ProjectNames.OfDirectory(_request.Directory) is { Length: > 0 } own ? own : throw new ComposeException($"no project name can be made of the directory '{_request.Directory}': give one with -p or COMPOSE_PROJECT_NAME");
    }

    private void Unset(string variable)
    {
        if (_unset.Add(variable)) Warn($"the \"{variable}\" variable is not set, defaulting to a blank string");
    }

    private void Warn(string text)
    {
        if (!_warnings.Contains(text, StringComparer.Ordinal)) _warnings.Add(text);
    }
}
