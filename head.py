import sys,zipfile,json
z=zipfile.ZipFile(sys.argv[1]);n=[x for x in z.namelist() if x.endswith('models/model.json')][0]
j=json.loads(z.read(n)); print(json.dumps(j,indent=1)[:int(sys.argv[2])])
