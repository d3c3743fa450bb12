namespace Sampan.Cli.Tests.Client;

/// <summary>What single commands make of their words, and of the engine's answers.</summary>
public sealed class CommandTests
{
    private static TestEngine Engine(Func<string, byte[]?> answer) => new(answer);

    private static string PathOf(string request) => request.Split(' ')[1].Split('?')[0];

    [Theory]
    [InlineData("inspect")]
    [InlineData("container", "inspect")]
    [InlineData("stop")]
    [InlineData("logs")]
    [InlineData("volume", "rm")]
    [InlineData("network", "rm")]
    [InlineData("rmi")]
    public async Task An_empty_name_is_refused_before_its_path_is_that_of_something_else(params string[] command)
    {
        await using var engine = Engine(_ => TestEngine.Json("[]"));

        var run = await CommandRun.AgainstAsync(engine, [.. command, ""]);

        run.Code.ShouldBe(1);
        run.Error.ShouldContain("invalid name or ID: value is empty");
        engine.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_empty_name_does_not_keep_the_others_from_their_turn()
    {
        await using var engine = Engine(_ => TestEngine.Json("", 204));

        var run = await CommandRun.AgainstAsync(engine, "stop", "", "web");

        run.ShouldBe(new CommandRun(1, "web\n", "invalid name or ID: value is empty\n"));
    }

    [Theory]
    [InlineData("{{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}}", "none")]
    [InlineData("{{.State.Health}} {{.HostConfig.Init}} {{.HostConfig.Tmpfs}} {{.HostConfig.Mounts}} [{{.Config.StopSignal}}]", "<nil> <nil> map[] [] []")]
    [InlineData("{{range .HostConfig.Mounts}}x{{else}}no mounts{{end}}", "no mounts")]
    [InlineData("{{json .HostConfig.Mounts}} {{json .State.Health}} {{json .Config.Labels}}", "null null null")]
    [InlineData("{{len .Config.Labels}} {{.Config.Labels}}", "0 map[]")]
    [InlineData("{{.ID}} {{.State.Health}} {{.Own}}", "x <nil> ours")]
    [InlineData("{{json .State}} {{.State.Health}}", "{\"Status\":\"running\"} <nil>")]
    public async Task A_template_may_ask_for_what_the_engine_leaves_out(string template, string expected)
    {
        await using var engine = Engine(_ => TestEngine.Json("""{"Id":"x","State":{"Status":"running"},"HostConfig":{},"Config":{"Labels":null},"Own":"ours"}"""));

        (await CommandRun.AgainstAsync(engine, "container", "inspect", "-f", template, "web")).ShouldBe(new CommandRun(0, expected + "\n", ""));
    }

    [Fact]
    public async Task A_template_that_asks_for_what_no_engine_has_is_refused()
    {
        await using var engine = Engine(_ => TestEngine.Json("""{"Id":"x","State":{"Status":"running"}}"""));

        (await CommandRun.AgainstAsync(engine, "inspect", "-f", "{{.State.Nonsense}}", "web")).Error.ShouldContain("map has no entry for key \"Nonsense\"");
    }

    [Fact]
    public async Task Events_have_the_fields_that_scripts_print()
    {
        await using var engine = Engine(_ => TestEngine.Json("""{"status":"start","id":"abc","from":"busybox","Type":"container","Action":"start","Actor":{"ID":"abc","Attributes":{"name":"web","image":"busybox"}},"scope":"local","time":5,"timeNano":5000000001}"""));

        (await CommandRun.AgainstAsync(engine, "events", "--format", "{{.ID}} {{.Status}} {{.From}} {{.Scope}} {{.Time}} {{.TimeNano}}")).Out.ShouldBe("abc start busybox local 5 5000000001\n");
        (await CommandRun.AgainstAsync(engine, "events", "--format", "{{json .Actor.Attributes}}")).Out.ShouldBe("{\"image\":\"busybox\",\"name\":\"web\"}\n");
    }

    [Theory]
    [InlineData("container")]
    [InlineData("image")]
    [InlineData("network")]
    [InlineData("volume")]
    [InlineData("builder")]
    [InlineData("system")]
    public async Task A_prune_that_is_declined_is_no_failure(string kind)
    {
        await using var engine = Engine(_ => TestEngine.Json("{}"));

        var run = await CommandRun.AgainstAsync(engine, "n\n"u8.ToArray(), kind, "prune");

        (run.Code, run.Error).ShouldBe((0, ""));
        engine.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("tag", "busybox", "a:b:c")]
    [InlineData("tag", "busybox", "a:")]
    [InlineData("pull", "a:b:c")]
    [InlineData("push", "host:5000/a:")]
    [InlineData("commit", "web", "a:b:c")]
    public async Task A_name_with_two_tags_or_an_empty_one_is_not_taken_for_another(params string[] words)
    {
        await using var engine = Engine(_ => TestEngine.Json("{}", 201));

        var run = await CommandRun.AgainstAsync(engine, words);

        run.Code.ShouldBe(1);
        run.Error.ShouldContain("invalid reference format");
        engine.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("--network-alias", "b")]
    [InlineData("--ip", "10.0.0.2")]
    [InlineData("--mac-address", "02:42:ac:11:00:02")]
    public async Task What_is_said_of_a_network_twice_is_refused(string option, string value)
    {
        var run = await CommandRun.WithAsync(_ => null, [], "run", "--network", "name=n,alias=a,ip=10.0.0.1,mac-address=02:42:ac:11:00:01", option, value, "image");

        run.Code.ShouldBe(125);
        run.Error.ShouldContain($"conflicting options: cannot specify both {option} and per-network");
    }

    [Fact]
    public async Task A_container_whose_id_cannot_be_written_is_not_made()
    {
        await using var engine = Engine(_ => TestEngine.Json("{}", 201));

        var run = await CommandRun.AgainstAsync(engine, "create", "--cidfile", "/nowhere/at/all/id", "image");

        run.Code.ShouldNotBe(0);
        run.Error.ShouldContain("failed to create the container ID file: open /nowhere/at/all/id: no such file or directory");
        engine.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_file_for_an_id_that_never_came_does_not_stay()
    {
        await using var engine = Engine(_ => TestEngine.Json("""{"message":"no"}""", 400));
        string file = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("n"));

        (await CommandRun.AgainstAsync(engine, "create", "--cidfile", file, "image")).Code.ShouldNotBe(0);

        File.Exists(file).ShouldBeFalse();
    }

    [Fact]
    public async Task The_letter_h_asks_for_help_where_it_means_nothing_else() =>
        (await CommandRun.WithAsync(_ => null, [], "ps", "-h")).Out.ShouldStartWith("Usage:  sampan ps [OPTIONS]");

    [Fact]
    public async Task Inspect_as_json_is_a_list_as_dockers_is()
    {
        await using var engine = Engine(r => TestEngine.Json($$"""{ "Name": "{{PathOf(r).Split('/')[^1]}}" }"""));

        (await CommandRun.AgainstAsync(engine, "volume", "inspect", "-f", "json", "one", "two")).ShouldBe(new CommandRun(0, "[{\"Name\":\"one\"},{\"Name\":\"two\"}]\n", ""));
    }

    [Theory]
    [InlineData("0", "since=0")]
    [InlineData("1.5", "since=1.5")]
    public async Task Zero_is_the_beginning_of_1970_and_not_now(string since, string sent)
    {
        await using var engine = Engine(_ => TestEngine.Json("[]"));

        await CommandRun.AgainstAsync(engine, "events", "--since", since, "--until", "1");

        engine.Requests.Single().ShouldContain(sent + "&");
    }

    [Theory]
    [InlineData("--add-host", "x", "bad format for add-host: \"x\"")]
    [InlineData("--blkio-weight-device", "x", "bad format: x")]
    [InlineData("--device", "a:b:c:d", "invalid device specification: a:b:c:d")]
    [InlineData("--network", "name=a,nonsense=b", "invalid field key nonsense")]
    [InlineData("--device", "x", "x is not an absolute path")]
    [InlineData("--device", "/dev/null:/dev/x:q", "bad mode specified: q")]
    [InlineData("--device-read-bps", "/dev/sda:x", "invalid rate for device: /dev/sda:x")]
    [InlineData("--device-write-iops", "sda:1", "bad format for device path: sda:1")]
    [InlineData("--dns", "x", "IP address is not correctly formatted: x")]
    [InlineData("--env", "=x", "invalid environment variable: =x")]
    [InlineData("--gpus", "x=1", "unexpected key 'x' in 'x=1'")]
    [InlineData("--gpus", "nonsense", "invalid count (nonsense): value must be either \"all\" or an integer")]
    [InlineData("--gpus", "all,count=1", "gpu request key 'count' can be specified only once")]
    [InlineData("--dns", "1.1.1", "IP address is not correctly formatted: 1.1.1")]
    [InlineData("--dns-search", "bad name", "bad name is not a valid domain")]
    [InlineData("--add-host", "a=1.2.3", "invalid IP address in add-host: \"1.2.3\"")]
    [InlineData("--network", "", "no name set for network")]
    [InlineData("--stop-timeout", "4294967297", "strconv.ParseInt: parsing \"4294967297\": value out of range")]
    [InlineData("--label", "=x", "invalid label '=x': empty name")]
    [InlineData("--mount", "type=bind", "target is required")]
    [InlineData("--mount", "type=tmpfs,dst=/a,tmpfs-size=x", "invalid size: 'x'")]
    [InlineData("--network", "alias=x", "invalid network 'alias=x': it has no name=")]
    [InlineData("--ulimit", "x", "invalid ulimit argument: x")]
    public async Task A_wrong_value_is_told_with_its_option(string option, string value, string reason)
    {
        var run = await CommandRun.WithAsync(_ => null, [], "run", option, value, "image");

        run.Code.ShouldBe(125);
        run.Error.ShouldStartWith($"invalid argument \"{value}\" for \"");
        run.Error.Split('\n')[0].ShouldEndWith($"{option}\" flag: {reason}");
    }

    [Theory]
    [InlineData("swarm", "init")]
    [InlineData("service", "ls")]
    [InlineData("context", "use", "x")]
    [InlineData("trust", "--nonsense")]
    [InlineData("node", "--help")]
    [InlineData("manifest", "inspect", "x")]
    [InlineData("checkpoint", "ls", "x")]
    [InlineData("buildx", "build", ".")]
    public async Task A_command_that_docker_has_and_sampan_not_is_refused_with_the_reason(params string[] words)
    {
        var run = await CommandRun.WithAsync(_ => null, [], words);

        run.Code.ShouldBe(1);
        run.Error.ShouldStartWith($"sampan: '{words[0]}' is not supported: ");
    }

    [Theory]
    [InlineData("run", 125)]
    [InlineData("create", 1)]
    public async Task A_cidfile_that_is_there_ends_with_dockers_exit_code(string verb, int code)
    {
        string file = Path.GetTempFileName();
        try
        {
            await using var engine = Engine(_ => null);
            var run = await CommandRun.AgainstAsync(engine, verb, "--cidfile", file, "image");

            run.Code.ShouldBe(code);
            run.Error.ShouldContain($"container ID file found, make sure the other container isn't running or delete {file}");
            engine.Requests.ShouldBeEmpty();
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task An_image_of_another_platform_is_fetched_as_one_that_is_not_there()
    {
        await using var engine = Engine(r => PathOf(r).EndsWith("/images/create", StringComparison.Ordinal)
            ? TestEngine.Json("""{"message":"no registry here"}""", 500)
            : TestEngine.Json("""{"message":"image with reference image was found but does not provide the specified platform (linux/s390x)"}""", 404));

        var run = await CommandRun.AgainstAsync(engine, "run", "--platform", "linux/s390x", "image");

        run.Code.ShouldBe(125);
        run.Error.ShouldStartWith("Unable to find image 'image:latest' locally\n");
        engine.Requests.Last().ShouldContain("/images/create?");
    }

    [Fact]
    public async Task A_limit_of_zero_is_the_indexs_own()
    {
        await using var engine = Engine(_ => TestEngine.Json("[]"));

        (await CommandRun.AgainstAsync(engine, "search", "--limit", "0", "word")).Code.ShouldBe(0);

        engine.Requests.Single().ShouldNotContain("limit");
    }

    [Fact]
    public async Task A_name_that_no_image_can_have_is_named()
    {
        await using var engine = Engine(_ => TestEngine.Json("""{"message":"invalid reference format"}""", 400));

        var run = await CommandRun.AgainstAsync(engine, "tag", "image", "a:b c");

        run.ShouldBe(new CommandRun(1, "", "Error parsing reference: \"a:b c\" is not a valid repository/tag: invalid reference format\n"));
    }

    [Fact]
    public async Task System_prune_takes_the_unused_build_cache_with_it_and_says_so_first()
    {
        await using var engine = Engine(r => TestEngine.Json(PathOf(r).EndsWith("/build/prune", StringComparison.Ordinal) ? """{"CachesDeleted":["abc"],"SpaceReclaimed":5}""" : """{"SpaceReclaimed":1}"""));

        var run = await CommandRun.AgainstAsync(engine, "y\n"u8.ToArray(), "system", "prune", "--filter", "until=5h");

        run.Code.ShouldBe(0);
        run.Out.ShouldContain("  - all dangling images\n  - unused build cache\n\n  Items to be pruned will be filtered with:\n  - until=5h\n");
        run.Out.ShouldContain("Deleted build cache objects:\nabc\n");
        run.Out.ShouldEndWith("Total reclaimed space: 7B\n");
    }

    [Fact]
    public async Task Ids_alone_are_ids_whatever_the_format()
    {
        await using var engine = Engine(_ => TestEngine.Json("""[{"Id":"0123456789abcdef","Names":["/web"],"Image":"image","Command":"true","State":"running","Status":"Up"}]"""));

        var run = await CommandRun.AgainstAsync(engine, "ps", "-q", "--format", "{{.Names}}");

        run.ShouldBe(new CommandRun(0, "0123456789ab\n", "WARNING: Ignoring custom format, because both --format and --quiet are set.\n"));
    }

    [Theory]
    [InlineData("{{json .}}", true)]
    [InlineData("{{.Size}}", true)]
    [InlineData("{{json .Names}}", false)]
    public async Task Sizes_are_measured_for_a_template_that_shows_them(string format, bool asked)
    {
        await using var engine = Engine(_ => TestEngine.Json("[]"));

        (await CommandRun.AgainstAsync(engine, "ps", "--format", format)).Code.ShouldBe(0);

        engine.Requests.Single().Contains("size=", StringComparison.Ordinal).ShouldBe(asked);
    }

    [Fact]
    public async Task The_details_of_disk_usage_fill_a_template()
    {
        await using var engine = Engine(_ => TestEngine.Json("""{"Images":[{"Id":"sha256:0123456789abcdef","RepoTags":["a:1"],"Created":1,"Size":5,"SharedSize":0,"Containers":0,"ParentId":"","Labels":null,"RepoDigests":[]}],"Containers":[],"Volumes":[],"BuildCache":[]}"""));

        (await CommandRun.AgainstAsync(engine, "system", "df", "-v", "--format", "{{range .Images}}{{.Repository}}:{{.Tag}}{{end}}")).ShouldBe(new CommandRun(0, "a:1", ""));
    }
}
