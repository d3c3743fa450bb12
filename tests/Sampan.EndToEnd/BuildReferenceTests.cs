using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>The Dockerfile reference, section by section: small files as people write them, and what they must give.</summary>
public sealed class BuildReferenceTests(SharedEngine engine) : EngineTest(engine)
{
    private readonly string _own = $"reference-{Guid.NewGuid():n}";
    private readonly Scratch _scratch = new();

    [Fact]
    public async Task ARG_is_inherited_by_stages_that_begin_with_one_and_unknown_to_others()
    {
        var said = await BuildAsync("""
            ARG V=latest
            ARG W=$V
            FROM --platform=$BUILDPLATFORM busybox:${W} AS one
            ARG A=default B=bee
            ARG V TARGETOS
            RUN echo "1 A=$A B=$B V=$V W=$W OS=$TARGETOS"
            FROM one AS two
            RUN echo "2 A=$A B=$B V=$V OS=$TARGETOS"
            ENV C=$A
            FROM two AS three
            ARG A=again
            RUN echo "3 A=$A C=$C"
            FROM busybox AS other
            LABEL a=$A
            RUN echo "4 A=$A."
            FROM three
            COPY --from=other /bin/busybox /x
            RUN echo "5 A=$A C=$C"
            """, "--build-arg", "A=given");
        foreach (var line in new[] { "1 A=given B=bee V=latest W= OS=linux", "2 A=given B=bee V=latest OS=linux", "3 A=given C=given", "4 A=.", "5 A=given C=given" })
            said.ShouldContain($" {line}\n");
        // What is inherited is known to the checks, too.
        (await Daemon.SampanAsync("build", "--check", _scratch.Path)).Saying("UndefinedVar").Saying("'$A'").All.Split("WARNING: UndefinedVar").Length.ShouldBe(2);
    }

    [Fact]
    public async Task A_proxy_that_is_declared_counts_as_any_argument_and_one_that_is_not_leaves_no_trace()
    {
        const string Dockerfile = "FROM busybox\nRUN echo \"hidden=$HTTP_PROXY\"\nARG HTTP_PROXY\nRUN echo \"declared=$HTTP_PROXY\"\n";
        try
        {
            var said = await BuildAsync(Dockerfile, "--build-arg", "HTTP_PROXY=http://one", "-t", _own);
            said.ShouldContain(" hidden=http://one\n");
            said.ShouldContain(" declared=http://one\n");
            var history = (await RunAsync(Clients.Docker, "history", "--no-trunc", "--format", "{{.CreatedBy}}", _own)).Succeeded();
            history.ShouldContain("RUN |1 HTTP_PROXY=http://one /bin/sh -c echo \"declared=$HTTP_PROXY\"");
            history.Split("http://one").Length.ShouldBe(2);
            var again = await BuildAsync(Dockerfile, "--build-arg", "HTTP_PROXY=http://two");
            again.ShouldNotContain(" hidden=");
            again.ShouldContain(" declared=http://two\n");
        }
        finally
        {
            await Daemon.DockerAsync("rmi", _own);
        }
    }

    [Fact]
    public async Task Variables_have_all_modifiers()
    {
        var said = await BuildAsync("""
            FROM busybox
            ARG b
            ARG star='a*b'
            ENV S=foobarbaz E= abc=hello
            ENV abc=bye def=$abc
            ENV ghi=$abc
            ENV o="1${nope:-d} 2${nope-d} 3${E:-d} 4${E-d} 5${S:+p} 6${S+p} 7${E:+p} 8${E+p} 9${nope:+p} 10${nope+p} 11${b:-x} 12${b-x}" n="${nope:-${E:-${S%baz}}}"
            ENV p="${S#f*b} ${S##f*b} ${S%b*} ${S%%b*} ${S/ba/fo} ${S//ba/fo} ${star//\*/X}" esc="\$foo \${foo}" sq='$S' mix="a"'b'$S dog=Rex\ The\ Dog
            RUN echo "$def $ghi|$o|$n"; echo "$p|$esc|$sq|$mix|$dog"
            WORKDIR /$S
            WORKDIR sub/${nope}x
            COPY --chown=${u:-3}:4 ${E:-file} ${S}.txt
            RUN pwd; stat -c '%u:%g %n' *
            """, "--build-arg", "b=");
        said.ShouldContain(" hello bye|1d 2d 3d 4 5p 6p 7 8p 9 10 11x 12|foobar\n");
        said.ShouldContain(" arbaz az foobar foo fooforbaz fooforfoz aXb|$foo ${foo}|$S|abfoobarbaz|Rex The Dog\n");
        said.ShouldContain(" /foobarbaz/sub/x\n");
        said.ShouldContain(" 3:4 foobarbaz.txt\n");
    }

    [Fact]
    public async Task COPY_keeps_parents_leaves_out_changes_permissions_and_stays_in_the_context()
    {
        foreach (var file in new[] { "x/a.txt", "x/y/b.txt", "x/y/c.txt", "src/a.txt", "src/x/b.txt", "home.txt", "home.md", "home.go", "arr[0].txt" })
            _scratch.Write(file, file);
        File.SetUnixFileMode(Path.Combine(_scratch.Path, "home.go"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        var said = await BuildAsync("""
            FROM scratch AS made
            COPY ./x/a.txt ./x/y/b.txt /none/
            COPY --parents ./x/a.txt ./x/y/b.txt /all/
            COPY --parents ./x/./y/*.txt /pivot/
            COPY --parents ./src/**/*.txt /stars/
            COPY --exclude=*.txt --exclude=*.md hom* /left/
            COPY --exclude=**/b.txt src/ /without/
            COPY arr[[]0].txt ../home.md /../../x/./y/../a.txt none* /top/
            FROM busybox
            COPY --from=made / /made/
            COPY --from=made --parents /stars/./src/x/*.txt /again/
            RUN find /made /again -type f | sort
            COPY --chmod=g=u home.go /m/1
            COPY --chmod=u=rwX,go=rX x /m/2
            COPY --chmod=+x,o-r home.go /m/3
            RUN stat -c '%a %n' /m/1 /m/2 /m/2/a.txt /m/3
            """);
        foreach (var line in new[]
        {
            "/again/src/x/b.txt", "/made/all/x/a.txt", "/made/all/x/y/b.txt", "/made/left/home.go", "/made/none/a.txt", "/made/none/b.txt", "/made/pivot/y/b.txt", "/made/pivot/y/c.txt",
            "/made/stars/src/a.txt", "/made/stars/src/x/b.txt", "/made/top/a.txt", "/made/top/arr[0].txt", "/made/top/home.md", "/made/without/a.txt", "660 /m/1", "755 /m/2", "644 /m/2/a.txt", "751 /m/3",
        })
            said.ShouldContain($" {line}\n");
        said.ShouldNotContain("/made/without/x/b.txt");
        said.ShouldNotContain("/made/left/home.md");
    }

    [Fact]
    public async Task Here_documents_are_scripts_files_and_input()
    {
        var said = await BuildAsync("""
            FROM busybox
            ARG FOO=bar
            COPY <<EOF greeting.txt
            hello world
            EOF
            COPY <<-EOT /one.sh
            	echo "hello ${FOO}"
            	EOT
            COPY <<-"EOT" /two.sh
            	echo "hello ${FOO}"
            EOT
            COPY <<A <<B /two/
            first $FOO
            A
            second \$FOO
            B
            RUN <<EOT sh
              set -e
              echo by sh
            EOT
            RUN <<EOT
              mkdir -p foo
              echo by the shell $FOO
            EOT
            RUN <<EOT
            #!/bin/cat
            by the cat
            EOT
            RUN <<FILE1 cat > file1 && <<FILE2 cat > file2
            I am
            first
            FILE1
            I am second
            FILE2
            RUN cat greeting.txt one.sh two.sh two/A two/B file1 file2
            """);
        foreach (var line in new[] { "by sh", "by the shell bar", "by the cat", "hello world", "echo \"hello bar\"", "echo \"hello ${FOO}\"", "first bar", "second $FOO", "first", "I am second" })
            said.ShouldContain($" {line}\n");
    }

    [Fact]
    public async Task RUN_has_mounts_of_all_kinds_with_all_their_options()
    {
        _scratch.Write("dir/a.txt", "of the context");
        var said = await BuildAsync("""
            FROM busybox AS made
            RUN mkdir /d && echo of the stage > /d/f
            FROM busybox
            WORKDIR /w
            RUN --mount=target=. test -f dir/a.txt && ! touch /w/new 2>/dev/null && echo context is read-only
            RUN --mount=type=bind,source=dir,dst=/b,readwrite touch /b/new && ls /b && echo may be written
            RUN --mount=type=bind,source=dir,target=/b,ro=false touch /b/other && test ! -e /b/new && echo and is forgotten
            RUN --mount=from=made,src=/d,destination=/b,ro cat /b/f
            RUN --mount=type=cache,target=/c,id=OWN,sharing=locked,mode=0711,uid=5,gid=6 stat -c '%a %u:%g cache' /c; echo kept > /c/f
            RUN --mount=type=cache,target=/c,id=OWN,readonly cat /c/f; touch /c/g 2>/dev/null || echo cache is read-only
            RUN --mount=type=cache,target=/c,id=OWN-2,from=made,source=/d cat /c/f
            RUN --mount=type=cache,target=rel,id=OWN-3,sharing=private test -d /w/rel && echo relative
            RUN --mount=type=tmpfs,target=/t,size=1m df /t | tail -1 | awk '{ print $2 " blocks" }'
            RUN --mount=type=secret,id=s stat -c '%a %u:%g secret' /run/secrets/s && cat /run/secrets/s && echo
            RUN --mount=type=secret,id=s,target=/x/s,mode=0444,uid=1,gid=2,required=true stat -c '%a %u:%g elsewhere' /x/s
            RUN --mount=type=secret,id=s,env=SEC test ! -e /run/secrets/s && echo "variable $SEC"
            RUN --mount=type=secret,target=/etc/s cat /etc/s && echo " by its target"
            RUN --mount=type=secret,id=none test ! -e /run/secrets/none && echo none is none
            RUN --network=none test "$(ls /sys/class/net | tr -d '\n')" = lo && echo without a network
            RUN --network=default --security=sandbox hostname
            RUN test ! -e /b -a ! -e /c -a ! -e /t -a ! -e /x -a ! -e /etc/s -a ! -e /w/rel && echo nothing stays
            """.Replace("OWN", _own, StringComparison.Ordinal), "--secret", $"id=s,src={Path.Combine(_scratch.Path, "dir/a.txt")}");
        foreach (var line in new[]
        {
            "context is read-only", "may be written", "and is forgotten", "711 5:6 cache", "kept", "cache is read-only", "relative", "1024 blocks", "400 0:0 secret", "444 1:2 elsewhere",
            "variable of the context", "of the context by its target", "none is none", "without a network", "buildkitsandbox", "nothing stays",
        })
            said.ShouldContain($" {line}\n");
        said.Split(" of the stage\n").Length.ShouldBe(3);
    }

    [Fact]
    public async Task What_a_build_argument_says_to_the_builder_itself()
    {
        var dockerfile = $"FROM busybox\nRUN --mount=type=cache,target=/c,id={_own} hostname; echo \"[$(cat /c/f 2>/dev/null)]\"; echo here > /c/f\n";
        var said = await BuildAsync(dockerfile, "--build-arg", "BUILDKIT_SANDBOX_HOSTNAME=somewhere", "--build-arg", "BUILDKIT_CACHE_MOUNT_NS=one");
        said.ShouldContain(" somewhere\n");
        said.ShouldContain(" []\n");
        (await BuildAsync(dockerfile, "--no-cache", "--build-arg", "BUILDKIT_CACHE_MOUNT_NS=two")).ShouldContain(" []\n");
        (await BuildAsync(dockerfile, "--no-cache", "--build-arg", "BUILDKIT_CACHE_MOUNT_NS=one")).ShouldContain(" [here]\n");
    }

    [Fact]
    public async Task Devices_are_granted_by_name_and_those_that_nobody_describes_are_left_out_unless_required()
    {
        (await TryAsync($"FROM busybox\nENV own={_own}\nRUN --device=vendor.test/class=none true\n")).Failed().Saying("RUN --device is not granted: start the build with --allow device (line 3, column 5)");
        (await BuildAsync($"FROM busybox\nENV own={_own}\nRUN --device=vendor.test/class=none echo without it\n", "--allow", "device")).ShouldContain(" without it\n");
        (await TryAsync($"FROM busybox\nENV own={_own}\nRUN --device=vendor.test/class=none,required true\n", "--allow", "device")).Failed().Saying("required device \"vendor.test/class=none\" is not described by any CDI file");
    }

    [Fact]
    public async Task A_trigger_takes_files_of_stages_that_the_build_has_wherever_they_stand()
    {
        try
        {
            await BuildAsync($"FROM busybox\nENV own={_own}\nONBUILD COPY --from=made /x /x\nONBUILD RUN echo \"trigger $(cat /x)\"\n", "-t", _own);
            foreach (var dockerfile in new[]
            {
                $"FROM busybox AS below\nRUN echo {_own} 1 > /x\nFROM below AS made\nFROM {_own}\nRUN cat /x\n",
                $"FROM {_own} AS first\nRUN cat /x\nFROM busybox AS made\nRUN echo {_own} 2 > /x\nFROM first\n",
            })
            {
                (await BuildAsync(dockerfile)).ShouldMatch($"trigger {_own} [12]\n");
                (await Daemon.DockerAsync("build", "--no-cache", _scratch.Path)).Succeeded().ShouldMatch($"trigger {_own} [12]\n");
            }
        }
        finally
        {
            await Daemon.DockerAsync("rmi", _own);
        }
    }

    [Fact]
    public async Task Directives_continuations_and_comments_are_read_as_the_reference_says()
    {
        (await BuildAsync("""
            #  escape = `
            # syntax=docker/dockerfile:1

            FROM busybox
            COPY file `
              /a`b
            run echo one `
              two; `
              # a comment inside
              echo '\n' `
            ; cat /ab
            ENV A="q`"q" B=`$HOME
            RUN echo "$A $B"
            """)).ShouldContain(" q\"q $HOME\n");
        var said = await BuildAsync("""
            # syntax=docker/dockerfile:1.7-labs
            # check=skip=all

            FROM busybox
            RUN echo "\
                 hello\
                 world"
            RUN echo hello \
            # comment

               # indented comment
            world # and a comment of the shell's
                RUN echo indented
            RUN ["echo", "$HOME"]
            RUN [ 'a' ] && echo by the shell
            SHELL ["/bin/sh", "-ec"]
            RUN echo strict; ! false; echo on
            """);
        foreach (var line in new[] { "     hello     world", "hello world", "indented", "$HOME", "by the shell", "strict" })
            said.ShouldContain($" {line}\n");
    }

    public override async ValueTask DisposeAsync()
    {
        (await Daemon.SendAsync(HttpMethod.Post, "/build/prune?all=1")).Status.ShouldBe(200);
        await base.DisposeAsync();
        _scratch.Dispose();
        GC.SuppressFinalize(this);
    }

    private async Task<string> BuildAsync(string dockerfile, params string[] options) => (await TryAsync(dockerfile, options)).Succeeded() + "\n";

    private Task<Outcome> TryAsync(string dockerfile, params string[] options)
    {
        _scratch.Write("Dockerfile", dockerfile);
        _scratch.Write("file", "x");
        return Daemon.SampanAsync(["build", "--progress", "plain", .. options, _scratch.Path]);
    }
}
