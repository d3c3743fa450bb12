using Sampan.Compose.Output;

namespace Sampan.Compose.Tests.Loading;

public sealed class MergeTests
{
    [Fact]
    public void Upper_files_add_replace_reset_and_override_by_the_rules()
    {
        var files = new Files
        {
            ["/app/a.yaml"] = """
                services:
                  web:
                    image: one
                    command: [a, b]
                    dns: [1.1.1.1]
                    environment: {A: "1", B: "2"}
                    labels: [x=1]
                    ports: ["8080:80", "9090:90"]
                    volumes: ["one:/data", "./src:/src"]
                    healthcheck: {test: [CMD, a], interval: 5s}
                    expose: ["1"]
                    logging: {driver: json-file, options: {max-size: 1m}}
                    cap_add: [NET_ADMIN]
                    depends_on: [db]
                  db: {image: db}
                volumes: {one: {}, two: {}}
                """,
            ["/app/b.yaml"] = """
                services:
                  web:
                    image: two
                    command: c
                    dns: 8.8.8.8
                    environment: [B=3, C=4, "A"]
                    labels: {y: "2"}
                    ports: !override ["8443:443"]
                    volumes: ["two:/data"]
                    healthcheck: {test: exit 0}
                    expose: !reset []
                    logging: {driver: local}
                    cap_add: [NET_ADMIN, SYS_TIME]
                    depends_on: {db: {condition: service_healthy}}
                """,
        };

        var web = files.Load(["/app/a.yaml", "/app/b.yaml"], ("A", "outer")).Services["web"];

        YamlText.Write(web.Tree).ShouldBe("""
            cap_add:
              - NET_ADMIN
              - SYS_TIME
            command:
              - c
            depends_on:
              db:
                condition: service_healthy
                required: true
            dns:
              - 1.1.1.1
              - 8.8.8.8
            environment:
              A: "1"
              B: "3"
              C: "4"
            healthcheck:
              test:
                - CMD-SHELL
                - exit 0
              interval: 5s
            image: two
            labels:
              x: "1"
              "y": "2"
            logging:
              driver: local
            networks:
              default: null
            ports:
              - mode: ingress
                target: 443
                published: "8443"
                protocol: tcp
            volumes:
              - type: volume
                source: two
                target: /data
                volume: {}
              - type: bind
                source: /app/src
                target: /src
                bind:
                  create_host_path: true

            """);
    }

    [Fact]
    public void A_reset_inside_of_a_new_service_leaves_nothing_behind()
    {
        var web = Files.Load("services: {web: {image: x, ports: !reset [\"80:80\"], environment: {A: !reset null, B: b}}}").Services["web"];
        web.Tree["ports"].ShouldBeNull();
        YamlText.Write(web.Tree).ShouldNotContain("A:");
    }

    [Fact]
    public void A_service_extends_one_of_its_own_file_and_one_of_another_whose_paths_start_there()
    {
        var files = new Files
        {
            ["/app/compose.yaml"] = """
                services:
                  web:
                    extends: {file: ../common/base.yaml, service: base}
                    environment: {B: b}
                  worker:
                    extends: web
                    command: work
                """,
            ["/common/base.yaml"] = """
                services:
                  root: {image: x, volumes: ["./data:/data"], environment: {A: a, B: a}}
                  base: {extends: root, user: me}
                """,
        };

        var worker = files.Load(["/app/compose.yaml"]).Services["worker"].Tree;

        YamlText.Write(worker).ShouldBe("""
            command:
              - work
            environment:
              A: a
              B: b
            image: x
            networks:
              default: null
            user: me
            volumes:
              - type: bind
                source: /common/data
                target: /data
                bind:
                  create_host_path: true

            """);
    }

    [Fact]
    public void An_included_project_has_its_own_directory_and_env_file_below_ours()
    {
        var files = new Files
        {
            ["/app/compose.yaml"] = "include: [../db/compose.yaml]\nservices: {web: {image: web, depends_on: [db]}}",
            ["/db/compose.yaml"] = "services: {db: {image: \"db:${TAG}\", volumes: [\"./init:/init\"], environment: [WHO]}}\nvolumes: {data: {}}",
            ["/db/.env"] = "TAG=7\nWHO=theirs",
        };

        var project = files.Load(["/app/compose.yaml"], ("WHO", "ours"));

        var db = project.Services["db"];
        db.Image.ShouldBe("db:7");
        YamlText.Write(db.Tree).ShouldContain("WHO: ours");
        YamlText.Write(db.Tree).ShouldContain("source: /db/init");
        project.Volumes.Keys.ShouldContain("data");
    }

    [Fact]
    public void Env_files_come_below_the_environment_and_the_later_ones_above_the_earlier()
    {
        var files = new Files
        {
            ["/app/compose.yaml"] = "services: {web: {image: x, env_file: [a.env, {path: b.env, required: false}, {path: gone.env, required: false}], environment: {C: c, D: null}}}",
            ["/app/a.env"] = "A=a\nB=a\nC=a\nE=$OUT",
            ["/app/b.env"] = "B=b",
        };
        var web = files.Load(["/app/compose.yaml"], ("OUT", "o"), ("D", "d")).Services["web"];
        YamlText.Write(web.Tree).ShouldContain("environment:\n  A: a\n  B: b\n  C: c\n  D: d\n  E: o\n");
    }

    [Fact]
    public void Several_documents_of_one_file_are_merged_like_files() =>
        Files.Load("services: {web: {image: one}}\n---\nservices: {web: {image: two}}").Services["web"].Image.ShouldBe("two");
}
