# check=skip=JSONArgsRecommended,StageNameCasing;error=true
FROM busybox AS Upper
CMD echo hello
